from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.files import NotSaved
from console.fleet.bookmarks import MOST_RECENT, MOST_VIEWS, BookmarkFile, Bookmarks, View, ViewColumn

FULL = Bookmarks(
    favourites=frozenset({"a", "b"}),
    recent=("b", "a"),
    views=(
        View(
            name="Servers",
            query="is:server -is:online",
            client="Acme",
            columns=(ViewColumn("hostname", 200), ViewColumn("user", 90, hidden=True)),
            sorting=(("client", True),),
            grouping="site",
        ),
    ),
)


def test_they_are_kept_for_each_server(tmp_path: Path) -> None:
    file = BookmarkFile(tmp_path / "bookmarks")
    file.save("one", FULL)
    assert file.load("one") == (FULL, None)
    assert file.load("two") == (Bookmarks(), None)
    file.remove("one")
    file.remove("one")
    assert file.load("one") == (Bookmarks(), None)


@pytest.mark.parametrize("text", ["", "{", '{"favourites": 5}', "[]", '{"views": [{"query": "x"}]}'])
def test_a_damaged_file_is_put_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text)
    found, problem = BookmarkFile(tmp_path).load("one")
    assert found == Bookmarks()
    assert problem is not None
    assert "one.json.damaged" in problem.advice
    assert (tmp_path / "one.json.damaged").read_text() == text


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "bookmarks").write_text("in the way")
    with pytest.raises(NotSaved):
        BookmarkFile(tmp_path / "bookmarks").save("one", FULL)


def test_stars() -> None:
    assert Bookmarks().starred(frozenset("ab"), on=True).starred(frozenset("b"), on=False).favourites == {"a"}


@given(st.lists(st.sampled_from([f"agent {number}" for number in range(40)])))
def test_recent_ones_are_the_latest_each_once(used: list[str]) -> None:
    bookmarks = Bookmarks()
    for one in used:
        bookmarks = bookmarks.used(one)
    latest = list(dict.fromkeys(reversed(used)))[:MOST_RECENT]
    assert list(bookmarks.recent) == latest


def test_a_view_is_replaced_where_it_stands() -> None:
    three = Bookmarks()
    for name in ("one", "two", "three"):
        three = three.with_view(View(name=name))
    changed = three.with_view(View(name="two", query="x"))
    assert [(view.name, view.query) for view in changed.views] == [("one", ""), ("two", "x"), ("three", "")]


def names(bookmarks: Bookmarks) -> list[str]:
    return [view.name for view in bookmarks.views]


def of_views(*wanted: str) -> Bookmarks:
    return Bookmarks(views=tuple(View(name=name, query=name) for name in wanted))


def test_a_view_is_moved_but_not_beyond_the_ends() -> None:
    three = of_views("one", "two", "three")
    assert names(three.moved_view(three.views[2], -1)) == ["one", "three", "two"]
    assert names(three.moved_view(three.views[0], -1)) == ["one", "two", "three"]
    assert names(three.moved_view(three.views[0], 5)) == ["two", "three", "one"]


def test_no_view_gets_the_name_of_another() -> None:
    two = of_views("Alpha", "Beta")
    assert two.renamed_view(two.views[1], "Alpha") == two
    renamed = two.renamed_view(two.views[1], "Gamma")
    assert [(view.name, view.query) for view in renamed.views] == [("Alpha", "Alpha"), ("Gamma", "Beta")]


def test_of_two_views_of_one_name_one_is_deleted() -> None:
    """Files from before have such."""
    both = Bookmarks(views=(View(name="Alpha", query="a"), View(name="Alpha", query="b")))
    assert [view.query for view in both.without_view(both.views[1]).views] == ["a"]


def test_with_too_many_views_none_is_lost() -> None:
    full = of_views(*(f"view {number}" for number in range(MOST_VIEWS)))
    assert full.with_view(View(name="one more")) == full
    assert not full.may_keep("one more")
    assert full.may_keep("view 7")
    assert full.with_view(View(name="view 7", query="x")).views[7].query == "x"
