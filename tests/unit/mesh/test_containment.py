from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mesh.containment import Containment
from console.mesh.link import hex_form

NODE = "abcdefghABCDEFGH01234567abcdefghABCDEFGH01234567abcdefghABCDEF@$"
OTHER = NODE[::-1]
RULES = Containment("https://mesh.example.com", "/", NODE)
PORT = Containment("https://mesh.example.com:8443", "/", NODE)
FOLDER = Containment("https://mesh.example.com", "/customer/", NODE)

FINE = (
    "https://mesh.example.com/scripts/agent-desktop-0.0.2-min.js",
    "https://mesh.example.com/scripts/common-0.0.1.js",
    "https://mesh.example.com/scripts/xterm-min.js",
    "https://mesh.example.com/scripts/older.js",
    "https://mesh.example.com/mstsc/mstsc.js",
    "https://mesh.example.com/styles/style.css?v=1",
    "https://mesh.example.com/images/user.png",
    "https://mesh.example.com/favicon-303x303.png",
    "https://mesh.example.com/serverpic.ashx",
    f"https://mesh.example.com/devicefile.ashx?c=1&m=2&n={quote(NODE)}&f=/etc/hosts",
    f"https://mesh.example.com/devicefile.ashx?c=1&n=node//{NODE}",
    "wss://mesh.example.com/control.ashx?auth=abc",
    f"wss://mesh.example.com/meshrelay.ashx?browser=1&p=2&nodeid=node//{NODE}&id=1",
    f"wss://mesh.example.com/meshrelay.ashx?nodeid=node%2F%2F{quote(NODE, safe='')}",
    f"wss://mesh.example.com/meshrelay.ashx?nodeid=node/customer/{NODE}",
    "blob:https://mesh.example.com/1234",
    "data:image/png;base64,AAAA",
)
KEPT_OUT = (
    *(f"https://mesh.example.com/scripts/{name}" for name in ("charts.js", "charts-min.js?v=1", "moment-min.js")),
    *(f"https://mesh.example.com/scripts/{name}" for name in ("ol-min.js", "ol.js", "ol3-contextmenu.js")),
    "https://mesh.example.com/scripts/chartjs-adapter-moment-min.js",
    "https://mesh.example.com/mstsc/rle.js",
    "https://mesh.example.com/commander.ashx",
    "https://mesh.example.com/player.htm",
    "https://mesh.example.com/messenger",
    "https://mesh.example.com/meshrelay.ashx",
    "https://mesh.example.com/control.ashx",
    f"https://mesh.example.com/devicefile.ashx?n={OTHER}",
    f"https://mesh.example.com/devicefile.ashx?n={NODE}&n={OTHER}",
    f"https://mesh.example.com/devicefile.ashx?n={OTHER}&n={NODE}",
    f"https://mesh.example.com/devicefile.ashx?n={OTHER}&%6e={NODE}",
    "https://mesh.example.com/devicefile.ashx",
    f"wss://mesh.example.com/meshrelay.ashx?nodeid=node//{OTHER}",
    f"wss://mesh.example.com/meshrelay.ashx?nodeid=node//{OTHER}&nodeid=node//{NODE}",
    f"wss://mesh.example.com/meshrelay.ashx?nodeid=node//{NODE.lower()}",
    f"wss://mesh.example.com/meshrelay.ashx?id={NODE}",
    "wss://mesh.example.com/meshrelay.ashx",
    "wss://mesh.example.com/webrelay.ashx",
    f"wss://mesh.example.com/sshrelay.ashx?nodeid=node//{NODE}",
    "wss://mesh.example.com/scripts/a.js",
    "ws://mesh.example.com/control.ashx",
    "https://mesh.example.com/scripts/../commander.ashx",
    "https://mesh.example.com/scripts/..",
    "https://mesh.example.com/scripts/./a.js",
    "https://mesh.example.com/scripts/%2e%2e/commander.ashx",
    "https://mesh.example.com/scripts/..%2fcommander.ashx",
    "https://mesh.example.com/scripts\\..\\commander.ashx",
    "https://mesh.example.com/scripts/\\../commander.ashx",
    "file:///etc/passwd",
    "ftp://mesh.example.com/scripts/a.js",
    "chrome://gpu",
    "javascript:alert(1)",
    "filesystem:https://mesh.example.com/temporary/x",
    "",
    "scripts/a.js",
    "/scripts/a.js",
    "https:///scripts/a.js",
    "https://mesh.example.com:99999/scripts/a.js",
    "https://[mesh/scripts/a.js",
)
ELSEWHERE = (
    "evil.example",
    "mesh.example.com.evil.example",
    "evilmesh.example.com",
    "example.com",
    "mesh.example.com:444",
    "mesh.example.com:80",
    "tech@mesh.example.com",
    "@mesh.example.com",
    "mesh.example.com@evil.example",
    "mesh.example.com:443@evil.example",
    "mesh.example.com\\@evil.example",
    "evil.example\\@mesh.example.com",
    "evil.example\\mesh.example.com",
    "mesh.example.com\\.evil.example",
    "mesh.example.com%00.evil.example",
    "mesh%2eexample%2ecom",
    "mesh.example.com%2f@evil.example",
    "mesh.example.com.",
    "/evil.example",
)


@pytest.mark.parametrize("rest", [f"#x&gotonode={OTHER}", f"#gotonode={OTHER}", f"?viewmode=11#gotonode={OTHER}"])
def test_what_stands_behind_a_hash_is_an_argument_too(rest: str) -> None:
    assert not RULES.allows_page(f"https://mesh.example.com/{rest}")


def test_port_0_is_another_port() -> None:
    assert not RULES.allows_page(f"https://mesh.example.com:0/?gotonode={HEX}")
    assert RULES.allows_page(f"https://mesh.example.com:443/?gotonode={HEX}")


@pytest.mark.parametrize("url", FINE)
def test_what_the_agent_s_page_needs_is_loaded(url: str) -> None:
    assert RULES.allows_request(url)


@pytest.mark.parametrize("url", KEPT_OUT)
def test_nothing_else_is(url: str) -> None:
    assert not RULES.allows_request(url)
    assert not RULES.allows_page(url)


@pytest.mark.parametrize("host", ELSEWHERE)
@pytest.mark.parametrize("path", ["", "/", "/scripts/a.js", "/login", f"/devicefile.ashx?n={NODE}"])
def test_nothing_of_another_host_or_port_is(host: str, path: str) -> None:
    for scheme in ("https", "http", "HTTPS"):
        assert not RULES.allows_request(f"{scheme}://{host}{path}")
        assert not RULES.allows_page(f"{scheme}://{host}{path}")
    assert not RULES.allows_request(f"wss://{host}/control.ashx")


@pytest.mark.parametrize(
    ("rules", "url"),
    [
        (RULES, "https://mesh.example.com:443/scripts/a.js"),
        (RULES, "https://MESH.example.COM/scripts/a.js"),
        (PORT, "https://mesh.example.com:8443/scripts/a.js"),
        (PORT, "wss://mesh.example.com:8443/control.ashx"),
        (FOLDER, "https://mesh.example.com/customer/scripts/a.js"),
        (FOLDER, "wss://mesh.example.com/customer/control.ashx"),
    ],
)
def test_the_same_place_may_be_written_differently(rules: Containment, url: str) -> None:
    assert rules.allows_request(url)


@pytest.mark.parametrize(
    ("rules", "url"),
    [
        (PORT, "https://mesh.example.com/scripts/a.js"),
        (PORT, "https://mesh.example.com:443/scripts/a.js"),
        (FOLDER, "https://mesh.example.com/scripts/a.js"),
        (FOLDER, "https://mesh.example.com/customer"),
        (FOLDER, "https://mesh.example.com/customer2/scripts/a.js"),
        (FOLDER, "https://mesh.example.com/customer/../scripts/a.js"),
        (FOLDER, "wss://mesh.example.com/control.ashx"),
    ],
)
def test_another_port_or_folder_is_another_place(rules: Containment, url: str) -> None:
    assert not rules.allows_request(url)
    assert not rules.allows_page(url)


HEX = hex_form(NODE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "?viewmode=11",
        f"?gotonode={HEX}&viewmode=11",
        f"?viewmode=13&gotonode={quote(NODE)}",
        "login",
        "login?x=1",
        "tokenlogin",
        "logout",
    ],
)
def test_the_main_frame_goes_to_the_agent_and_to_the_sign_in(url: str) -> None:
    assert RULES.allows_page(f"https://mesh.example.com/{url}")
    assert FOLDER.allows_page(f"https://mesh.example.com/customer/{url}")


@pytest.mark.parametrize(
    "query",
    [
        "gotonode=1",
        "gotonode=",
        f"gotonode={hex_form(OTHER)}",
        f"gotonode={quote(OTHER)}&viewmode=11",
        f"gotonode={HEX}&gotonode={OTHER}",
        f"gotonode={OTHER}&gotonode={HEX}",
        f"gotonode={HEX}|gotonode={OTHER}",
        f"gotonode={HEX}?gotonode={OTHER}",
        f"gotonode={HEX}#&gotonode={OTHER}",
        f"gotonode={HEX}%26gotonode={OTHER}",
        f"x=1&%67otonode={OTHER}",
        f"GotoNode={OTHER}",
        "gotodevicename=server",
        "gotodeviceip=10.0.0.1",
        "gotomesh=abc",
        "gotouser=admin",
    ],
)
def test_the_main_frame_goes_to_no_other_node(query: str) -> None:
    assert not RULES.allows_page(f"https://mesh.example.com/?{query}")
    assert not FOLDER.allows_page(f"https://mesh.example.com/customer/?{query}")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"https://mesh.example.com/devicefile.ashx?c=1&n={quote(NODE)}&f=/etc/hosts", True),
        ("blob:https://mesh.example.com/1234", True),
        ("data:application/octet-stream;base64,AAAA", True),
        (f"https://mesh.example.com/devicefile.ashx?c=1&n={OTHER}&f=/etc/hosts", False),
        ("https://mesh.example.com/meshagents?id=4", False),
        ("https://mesh.example.com/scripts/a.exe", False),
        ("https://mesh.example.com/", False),
        (f"https://evil.example/devicefile.ashx?n={NODE}", False),
        ("blob:https://evil.example/1234", False),
        ("blob:https://mesh.example.com.evil.example/1234", False),
        ("blob:null/1234", False),
        ("file:///etc/passwd", False),
    ],
)
def test_files_are_kept_from_the_node_and_from_the_page_itself(url: str, kept: bool) -> None:
    assert RULES.allows_download(url) is kept


@pytest.mark.parametrize("url", ["scripts/a.js", "devicefile.ashx", "images/a.png", "control.ashx", "account"])
def test_and_nowhere_else(url: str) -> None:
    assert not RULES.allows_page(f"https://mesh.example.com/{url}")
    assert not RULES.allows_page(f"blob:https://mesh.example.com/{url}")


PIECES = st.sampled_from(
    [
        *(
            "https",
            "wss",
            "http",
            ":",
            "/",
            "\\",
            "@",
            "mesh.example.com",
            "evil.example",
            "..",
            ".",
            "%2e",
            "%2f",
            "?",
            "#",
        ),
        *(
            "scripts/",
            "login",
            "control.ashx",
            "meshrelay.ashx",
            "nodeid=",
            "n=",
            "&",
            NODE,
            OTHER,
            ":443",
            ":8443",
            " ",
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text())
def test_no_way_of_writing_a_url_leads_elsewhere(url: str) -> None:
    """Whatever is allowed starts, once its case is put aside, with this site and has no way up or out."""
    for allowed in (RULES.allows_request(url), RULES.allows_page(url)):
        if allowed and not url.startswith(("blob:", "data:")):
            place, _, query = url.partition("?")
            place = place.partition("#")[0].strip()
            scheme, _, rest = place.partition("://")
            host, _, path = rest.partition("/")
            assert scheme in ("https", "wss")
            assert host in ("mesh.example.com", "mesh.example.com:443")
            assert not {"", ".", ".."} & set(path.split("/")[:-1])
            assert path.rpartition("/")[2] not in (".", "..")
            assert "\\" not in path
            assert "%" not in path
            if "relay" in path:
                assert NODE in query
