import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.mesh.errors import BadLink, MeshNotSetUp, MeshProblem, NoMeshAgent
from console.mesh.link import SessionLink, mesh_form, parse
from console.mesh.session_kind import SessionKind
from console.secret import Secret

HEX = "0123456789abcdef" * 6
MESH = base64.b64encode(bytes.fromhex(HEX), b"@$").decode()
TOKEN = "YWJj@ZGVm$Z2hp+amts=="
LINK = f"https://mesh.example.com/?login={TOKEN}&gotonode={HEX}&viewmode=11&hide=31"
PARTS = (
    "https://",
    "http://",
    "mesh.example.com",
    "/",
    "?",
    "&",
    "#",
    "@",
    ":",
    "\\",
    "%2e%2e",
    "..",
    "login=",
    "gotonode=",
    HEX,
    MESH,
    "None",
    "hunter2",
    "[::1]",
    ":443",
    "\n",
)


def parsed(text: str, kind: SessionKind = SessionKind.CONTROL) -> SessionLink:
    return parse(Secret(text), kind, "HOST")


def test_a_link_is_taken_apart() -> None:
    link = parsed(LINK)
    assert link.origin == "https://mesh.example.com"
    assert link.path == "/"
    assert link.node == HEX
    assert link.mesh_node == MESH
    assert link.token == Secret(TOKEN)
    assert TOKEN not in repr(link)


def parsed_or_refused(text: str) -> SessionLink | MeshProblem:
    try:
        return parsed(text)
    except MeshProblem as problem:
        return problem


@pytest.mark.parametrize(("kind", "mode"), [("control", "11"), ("terminal", "12"), ("files", "13")])
def test_the_page_is_that_of_the_kind_and_without_the_token(kind: str, mode: str) -> None:
    url = parsed(LINK, SessionKind(kind)).page_url
    assert parse_qs(urlsplit(url).query) == {"gotonode": [HEX], "viewmode": [mode], "hide": ["31"], "minify": ["1"]}
    assert url.startswith("https://mesh.example.com/?")


def test_the_token_arrives_whole_where_it_is_exchanged() -> None:
    url = parsed(LINK).exchange_url
    assert isinstance(url, Secret)
    assert parse_qs(urlsplit(url.reveal()).query)["login"] == [TOKEN]
    assert "gotonode" not in url.reveal()


def test_a_link_without_a_token_leads_to_the_sign_in_page() -> None:
    link = parsed(f"https://mesh.example.com/?gotonode={HEX}&viewmode=11")
    assert link.token is None
    assert link.exchange_url.reveal() == "https://mesh.example.com/?minify=1"


@pytest.mark.parametrize(
    ("site", "origin", "path"),
    [
        ("https://mesh.example.com", "https://mesh.example.com", "/"),
        ("https://MESH.Example.com:443/", "https://mesh.example.com", "/"),
        ("https://mesh.example.com:4430/", "https://mesh.example.com:4430", "/"),
        ("https://mesh.example.com/customer", "https://mesh.example.com", "/customer/"),
        ("https://mesh.example.com/customer/", "https://mesh.example.com", "/customer/"),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443", "/"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443", "/"),
    ],
)
def test_where_the_site_is(site: str, origin: str, path: str) -> None:
    link = parsed(f"{site}?login={TOKEN}&gotonode={HEX}")
    assert (link.origin, link.path) == (origin, path)


@pytest.mark.parametrize("node", [HEX, HEX.upper(), MESH])
def test_both_forms_of_a_node_are_one_node(node: str) -> None:
    assert parsed(LINK.replace(HEX, node)).mesh_node == MESH
    assert mesh_form(node) == MESH


@given(st.binary(min_size=48, max_size=48))
def test_the_form_of_a_node_is_mesh_central_s_base64(raw: bytes) -> None:
    form = mesh_form(raw.hex())
    assert base64.b64decode(form.replace("@", "+").replace("$", "/")) == raw
    assert mesh_form(form) == form


@pytest.mark.parametrize("node", ["", "None"])
def test_an_agent_without_a_mesh_agent(node: str) -> None:
    with pytest.raises(NoMeshAgent) as caught:
        parsed(LINK.replace(HEX, node))
    assert "HOST" in caught.value.what
    assert "Agent Recovery" in caught.value.advice


@pytest.mark.parametrize(
    "text",
    [
        f"None/?login={TOKEN}&gotonode={HEX}",
        f"/?login={TOKEN}&gotonode={HEX}",
        f"?login={TOKEN}&gotonode={HEX}",
        LINK.replace(TOKEN, "err"),
        LINK.replace(TOKEN, "None"),
        LINK.replace(TOKEN, ""),
    ],
)
def test_a_server_without_mesh_central(text: str) -> None:
    with pytest.raises(MeshNotSetUp):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        LINK.replace("https:", "http:"),
        LINK.replace("https:", "javascript:"),
        LINK.replace("https:", "file:"),
        LINK.replace("mesh.example.com", "tech@mesh.example.com"),
        LINK.replace("mesh.example.com", "tech:pw@mesh.example.com"),
        LINK.replace("mesh.example.com", "@mesh.example.com"),
        LINK.replace("mesh.example.com", "mesh.example.com\\@evil.example"),
        LINK.replace("mesh.example.com", "mesh.example.com\\.evil.example"),
        LINK.replace("mesh.example.com", "mesh.example.com:99999"),
        LINK.replace("mesh.example.com", "mesh.example.com:x"),
        LINK.replace("mesh.example.com", "mesh example.com"),
        LINK.replace("mesh.example.com", "[::1"),
        LINK.replace("mesh.example.com", ""),
        LINK.replace(".com/?", ".com/../?"),
        LINK.replace(".com/?", ".com/a/../b/?"),
        LINK.replace(".com/?", ".com//evil.example/?"),
        LINK.replace(".com/?", f".com/login={TOKEN}/?"),
        LINK.replace(".com/?", ".com/%2e%2e/?"),
        LINK.replace(".com/?", ".com/\\evil/?"),
        LINK.replace(HEX, HEX[:-1]),
        LINK.replace(HEX, HEX + "0"),
        LINK.replace(HEX, "zz" + HEX[2:]),
        LINK.replace(HEX, MESH[:-1] + "%"),
        LINK.replace(HEX, MESH[:-1] + "/"),
    ],
)
def test_other_links_are_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(BadLink if "gotonode" in text else MeshProblem) as caught:
        parsed(text)
    assert TOKEN not in caught.value.report()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.one_of(st.text(), st.lists(st.sampled_from(PARTS), max_size=14).map("".join)))
@example(LINK)
@example(f"https://mesh.example.com/?login=hunter2&gotonode={HEX}&login=hunter2")
@example(f"https://mesh.example.com/?gotonode={HEX}#login=hunter2")
@example(f"https://mesh.example.com/;login=hunter2?gotonode={HEX}")
@example(f"https://mesh.example.com/?gotonode={HEX};login=hunter2")
def test_any_text_gives_a_link_without_its_token_or_a_problem(text: str) -> None:
    outcome = parsed_or_refused(text)
    if isinstance(outcome, MeshProblem):
        assert "hunter2" not in outcome.report()
        assert outcome.advice
        return
    link = outcome
    assert "login=" not in link.page_url
    assert "hunter2" not in link.page_url + link.origin + link.path + repr(link)
    page = urlsplit(link.page_url)
    assert f"{page.scheme}://{page.netloc}" == link.origin
    assert page.path == link.path
    assert page.username is None
    assert link.path.startswith("/")
    assert link.path.endswith("/")
    assert len(link.mesh_node) == 64
