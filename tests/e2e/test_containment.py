"""A session stays on its own node, whatever its page tries, and lives on; and the login token is nowhere in it."""

import json
from urllib.parse import quote

import pytest

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.far_end import reader
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e

_OTHER_NODE = "A" * 64


@pytest.fixture
def console(desk: Desk, rmm: Rmm) -> Console:
    return desk.signed_in(rmm)


@pytest.fixture
def session(console: Console, rmm: Rmm) -> Session:
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    WebPage(console, session).shell_works(rmm.mesh.home)
    return session


@pytest.fixture
def page(console: Console, session: Session) -> WebPage:
    return WebPage(console, session)


def promised(page: WebPage, script: str) -> object:
    """What a promise came to in the page: its value, or the error's name."""
    page.run(
        f"window.outcome = null; ({script}).then((value) => {{ window.outcome = ['fine', String(value)]; }},"
        " (error) => { window.outcome = ['failed', error.name]; });"
    )
    page.until("window.outcome !== null", "the page's promise was not kept")
    return page.value("window.outcome")


def still_works(page: WebPage, session: Session, rmm: Rmm) -> None:
    """The page is on its node and its shell takes commands."""
    assert page.value("[xxcurrentView, currentNode._id]") == [12, rmm.mesh.agent.node_id]
    assert session.state is State.CONNECTED
    page.shell_works(rmm.mesh.home)


_WAYS_OUT = (
    "location.href = 'https://example.invalid/'",
    "location.href = 'http://127.0.0.1:1/'",
    "location.href = 'file:///etc/passwd'",
    "location.href = '/?viewmode=1'",
    "location.href = '/'",
    "location.href = '/commander.ashx'",
    "location.reload()",
    "history.back()",
    "window.open('https://example.invalid/')",
    "window.open('/?viewmode=1')",
    "Object.assign(document.createElement('a'), {href: 'https://example.invalid/', target: '_blank'}).click()",
    "go(1)",
    "go(2)",
    "go(10)",
    "gotoDevice('node//' + 'A'.repeat(64), 11)",
)
_KEYS_OUT = ("shift+Escape", "alt+Left", "BackSpace", "ctrl+r", "ctrl+n", "ctrl+Tab")


def test_the_page_does_not_leave(page: WebPage, session: Session, rmm: Rmm, console: Console) -> None:
    address = page.page.url().toString()
    page.click(".xterm-screen")  # a page may ask before it is left only after someone has used it
    windows = len(console.app.qt.topLevelWidgets())
    for script in _WAYS_OUT:
        page.run(script)
        still_works(page, session, rmm)
        assert page.page.url().toString() == address, script
        assert len(console.app.qt.topLevelWidgets()) == windows, script


def test_an_unused_page_does_not_leave_either(page: WebPage, session: Session, rmm: Rmm, console: Console) -> None:
    page.run("location.href = '/?viewmode=1'")  # to a page that the rules allow, and nothing asks before it is left
    page.run("location.href = 'https://example.invalid/'")
    console.until(lambda: session.state in (State.CONNECTED, State.LOST))
    page.until(
        "typeof xxcurrentView === 'number' && xxcurrentView === 12 && Boolean(currentNode)",
        "another part of MeshCentral is shown",
    )
    assert page.value("currentNode._id") == rmm.mesh.agent.node_id


def test_keys_do_not_leave(page: WebPage, session: Session, rmm: Rmm, hands: Hands, console: Console) -> None:
    address = page.page.url().toString()
    arrived = rmm.mesh.home / "keys that lead away"
    arrived.unlink(missing_ok=True)
    hands.type(f"'{reader(rmm.mesh.home)}' '{arrived}'")
    hands.press("Return")
    console.until(arrived.exists, "the reader did not start")
    for keys in _KEYS_OUT:
        hands.press(keys)
        hands.type(f"still here after {keys}.")
        end = f"still here after {keys}.".encode()
        console.until(lambda: arrived.read_bytes().endswith(end), f"{keys} took the keyboard away")  # noqa: B023
        assert session.state is State.CONNECTED, keys
        assert page.page.url().toString() == address, keys


def test_the_page_reaches_its_own_server_and_node_only(page: WebPage, rmm: Rmm, session: Session) -> None:
    own = rmm.mesh.site.removeprefix("https://")
    node = rmm.mesh.agent.node_id
    assert promised(page, "fetch('/styles/style.css').then((answer) => answer.ok)") == ["fine", "true"]
    for address in (
        "https://example.invalid/",
        rmm.address + "/agents/",
        "/commander.ashx",
        "/meshsettings",
        f"/devicefile.ashx?c=x&m=y&n={_OTHER_NODE}&f=/etc/passwd",
    ):
        assert promised(page, f"fetch({json.dumps(address)}, {{mode: 'no-cors'}})") == ["failed", "TypeError"], address

    def socket(address: str) -> object:
        opening = (
            f"new Promise((fine, failed) => {{ const socket = new WebSocket({json.dumps(address)});"
            " socket.onopen = () => { socket.close(); fine('open'); };"
            " socket.onerror = () => failed(new Error()); })"
        )
        return promised(page, opening)

    relay = f"wss://{own}/meshrelay.ashx?browser=1&p=1&id=0123456789abcdef&nodeid="
    assert socket(relay + node) == ["fine", "open"]
    assert socket(relay + "node//" + _OTHER_NODE) == ["failed", "Error"]
    assert socket(f"wss://{own}/meshrelay.ashx?browser=1&p=1&id=0123456789abcdef") == ["failed", "Error"]
    assert socket(f"wss://{own}/amt.ashx") == ["failed", "Error"]
    assert session.state is State.CONNECTED


def test_the_login_token_is_nowhere_in_the_page(desk: Desk, rmm: Rmm) -> None:
    tokens: list[str] = []
    make = rmm.api.mesh

    def noted(machine: Machine) -> MeshLogin | None:
        login = make(machine)
        assert login is not None
        tokens.append(login.token)
        return login

    rmm.api.mesh = noted
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    page = WebPage(console, session)
    texts = page.value(
        "[location.href, document.referrer, document.URL, document.cookie, JSON.stringify(history.state),"
        " ...performance.getEntries().map((entry) => entry.name), document.documentElement.outerHTML,"
        " JSON.stringify([{...localStorage}, {...sessionStorage}])]"
    )
    assert isinstance(texts, list)
    texts.extend(item.url().toString() for item in page.page.history().items())
    texts += [page.page.url().toString(), page.page.requestedUrl().toString(), page.page.title()]
    texts += [console.window.windowTitle(), console.tab(session).tip]
    assert len(tokens) == 1
    assert any("gotonode=" in text for text in texts)
    for written in {tokens[0], quote(tokens[0]), quote(tokens[0], safe="")}:
        assert [text for text in texts if written in text] == []
