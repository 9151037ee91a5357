"""Any text is a query: what it is read as, what it is written down as, and what is explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.query.parser import MOST_PIECES, Query, parse
from console.fleet.query.tree import EVERYTHING, All, Any, Field, Is, Node, Not, Word, printed
from tests.unit.fleet.queries import TREES

TYPED = st.text(max_size=200) | st.text('ab()"\\-: <>.ortisclient7é\n\t', max_size=40)
PIECES = st.sampled_from(
    [
        *("acme", "or", "OR", "-", "--", "(", ")", '"', '""', " ", "\n", "\u2028", "\\", ":", "x", "ß", "İ", "ﬅ:", "²"),
        *("is:", "is:online", "is:onl", "client:", "clinet:", "kb:", "seen:", "<2d", "<2x", "<٣d", "fe80::1", "10:30"),
        *("cf.", 'cf."', "cf.Asset:", "https://x", "Core(TM)", "-(", "-is:server"),
    ]
)
PUT_TOGETHER = st.lists(PIECES, max_size=14).map("".join) | st.lists(PIECES, max_size=10).map(" ".join)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("Acme", Word("acme")),
        ("acme pc", All((Word("acme"), Word("pc")))),
        ('"Acme  Corp" pc', All((Word("acme  corp", True), Word("pc")))),
        ("-pc", Not(Word("pc"))),
        ("acme-pc-01", Word("acme-pc-01")),
        ("--pc", Not(Not(Word("pc")))),
        ("is:ONLINE", Is("online")),
        ("-is:server", Not(Is("server"))),
        ("is:favorite", Is("favourite")),
        ("model:Core(TM)", Field("model", "core(tm)")),
        ('"a\nb"', Word("a b", True)),
        ("client:Acme", Field("client", "acme")),
        ('client:"Acme Corp"', Field("client", "acme corp")),
        ("seen:<2d", Field("seen", "<2d")),
        ("seen:>4W", Field("seen", ">4w")),
        ("cf.Rack:12", Field("cf.rack", "12")),
        ('cf."Asset tag":"A 1"', Field("cf.asset tag", "a 1")),
        ("a or b c", Any((Word("a"), All((Word("b"), Word("c")))))),
        ("(a OR b) c", All((Any((Word("a"), Word("b"))), Word("c")))),
        ("-(a b)", Not(All((Word("a"), Word("b"))))),
        ('"or"', Word("or", True)),
        ("fe80::1", Word("fe80::1")),
        ("10:30", Word("10:30")),
        ("https://x/y?z", Word("https://x/y?z")),
        (r"ACME\jo", Word(r"acme\jo")),
        ("Intel(R)", Word("intel(r)")),
        ("(Intel(R) or AMD)", Any((Word("intel(r)"), Word("amd")))),
        ("STRASSE", Word("strasse")),
        ("Straße", Word("strasse")),
    ],
)
def test_what_is_read(text: str, root: Node) -> None:
    query = parse(text)
    assert query.root == root
    assert query.notes == ()


@pytest.mark.parametrize(
    ("text", "root", "said", "suggestion"),
    [
        ("is:onl acme", Word("acme"), "“onl” is not a state", "is:online"),
        ("is:", EVERYTHING, "needs a state", ""),
        ("is:zzzz a", Word("a"), "“zzzz” is not a state", ""),
        ("clinet:x a", Word("a"), "“clinet:” is not a field", "client:x"),
        ("client:", EVERYTHING, "client: needs a value", ""),
        ("seen:2d a", Word("a"), "needs < or >", "seen:<2d"),
        ("seen:>3weeks a", Word("a"), "needs < or >", "seen:>3w"),
        ("seen:<3months a", Word("a"), "needs < or >", ""),
        ("is:o a", Word("a"), "“o” is not a state", "is:online"),
        ("is:reboot", EVERYTHING, "“reboot” is not a state", "is:rebootneeded"),
        ("Hostname:PC-7", EVERYTHING, "“Hostname:” is not a field", "host:PC-7"),
        ("status:online", EVERYTHING, "“status:” is not a field", "is:online"),
        ('kb:"4 7" a', Word("a"), "“kb:” is not a field", ""),
        ("a client:(b", Word("a"), "A field takes one value: client:one or client:two", ""),
        ("seen:<2x", EVERYTHING, "needs < or >", ""),
        ("a or", Word("a"), "stands between two things", '"or"'),
        ("or a", Word("a"), "stands between two things", '"or"'),
        ("a or or b", Any((Word("a"), Word("b"))), "stands between two things", '"or"'),
        ("(a b", All((Word("a"), Word("b"))), "not closed", ""),
        ("a )", Word("a"), "was not opened", ""),
        ("() a", Word("a"), "nothing in these brackets", ""),
        ('"Acme Co', Word("acme co", True), "quote is not closed", ""),
        ('client:"Acme Co', Field("client", "acme co"), "quote is not closed", ""),
        ("- a", Word("a"), "", ""),
        ("a -", Word("a"), "", ""),
        ("cf.:x a", Word("a"), "needs its name", ""),
        ("cf. a", Word("a"), "needs its name", ""),
        ("cf.Rack a", Word("a"), "needs its name", ""),
        ('cf."Asset tag" a', Word("a"), "needs its name", ""),
        ('a cf."Asset', Word("a"), "needs its name", ""),
        ("name:bms", Word("name:bms"), "There is no field “name:”", ""),
    ],
)
def test_what_is_not_understood_is_left_out_and_explained(text: str, root: Node, said: str, suggestion: str) -> None:
    query = parse(text)
    assert query.root == root
    assert query.notes, "nothing is explained"
    assert said in query.notes[0].message
    assert query.notes[0].suggestion == suggestion


def test_one_slip_is_explained_once() -> None:
    for text in ("is:srver or is:linux", "is:linux or is:srver"):
        query = parse(text)
        assert query.root == Is("linux")
        assert ["srver" in note.message for note in query.notes] == [True], text


def test_a_message_says_what_was_probably_meant() -> None:
    (note,) = parse("a -is:onl").notes
    assert note.whole_message == "“onl” is not a state. Did you mean is:online?"
    assert "a -is:onl"[note.start : note.end] == "is:onl", "the sign stays where it is"


def test_custom_fields_that_are_known() -> None:
    known = ("asset tag", "rack")
    assert parse("cf.rack:1", known).notes == ()
    (note,) = parse("cf.rak:1", known).notes
    assert "no custom field “rak”" in note.message
    assert note.suggestion == "cf.rack:1"
    assert "needs its name" in parse("cf.ra", known).notes[0].message
    assert parse("cf.acme.local", known).root == Word("cf.acme.local", True), "no field is called so"
    assert parse("cf.acme.local", known).notes == ()
    assert parse("cf.3:1", known).root == Field("cf.3", "1"), "by number, where names may not be read"


def test_words_are_those_that_are_wanted() -> None:
    assert parse('acme -pc client:"big co" (x or -y) is:online seen:<2d').words == ("acme", "big co", "x")


def test_a_query_says_whether_it_asks_for_anything() -> None:
    assert not parse("")
    assert not parse("is:onl")
    assert parse("a")


@pytest.mark.parametrize("text", ["\u0345client:a", "\u0345is:online", "\u0345x:1", "cf.\u0345:1", "a\u0345"])
def test_a_sign_that_becomes_a_letter_is_read_as_one_at_once(text: str) -> None:
    assert parse(str(parse(text))).root == parse(text).root


@given(TREES)
def test_what_is_written_down_is_read_again(tree: Node) -> None:
    query = parse(printed(tree))
    assert query.root == tree
    assert query.notes == ()


@given(TYPED | PUT_TOGETHER)
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    assert all(0 <= note.start <= note.end <= len(text) for note in query.notes)
    again = parse(str(query))
    assert again.root == query.root
    assert str(again) == str(query)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "(",
            ")",
            "-(",
            '"',
            '" ',
            "-",
            "- ",
            "or ",
            "a",
            "a ",
            "(a or ",
            "is:",
            "is:x ",
            'cf."',
            'cf."" ',
            "cf.",
            "\\",
        ),
        *("a:", "client:(", "fe80:", "0:", "seen:<", "clinet:x ", "((a)", "Core(", " ", "\n", '"a\\"', "(a", "ΐ "),
    ],
)
def test_a_text_that_nobody_types(piece: str) -> None:
    query = parse(piece * (100_000 // len(piece)))
    assert parse(str(query)).root == query.root
    assert isinstance(query, Query)
    assert len(query.notes) <= 20


def test_of_a_text_that_is_too_long_the_beginning_counts() -> None:
    query = parse("a " * 100 + "or " * MOST_PIECES + "b")
    assert query.root == All((Word("a"),) * 100)
    assert parse("a " * MOST_PIECES).notes[-1].message == "The query is too long: the rest is left out."
