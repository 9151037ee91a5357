"""From the double-click to the remote machine, touching nothing else; what is done there is looked at there."""

import gc
import threading

import pytest
from PySide6.QtCore import QThread
from shiboken6 import ownedByPython

from console.mesh.session_kind import SessionKind
from tests.e2e.desk import Desk
from tests.e2e.far_end import reader
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus

pytestmark = pytest.mark.e2e

# Keys that windows and browsers like to keep, and what a terminal sends for them.
_KEYS = (
    ("ctrl+c", b"\x03"),
    ("ctrl+w", b"\x17"),
    ("ctrl+f", b"\x06"),
    ("ctrl+t", b"\x14"),
    ("ctrl+k", b"\x0b"),
    ("ctrl+v", b"\x16"),
    ("F5", b"\x1b[15~"),
    ("F1", b"\x1bOP"),
    ("F11", b"\x1b[23~"),
    ("Escape", b"\x1b"),
    ("Up", b"\x1b[A"),
    ("Left", b"\x1b[D"),
    ("Home", b"\x1b[H"),
    ("Tab", b"\t"),
    ("shift+Tab", b"\x1b[Z"),
    ("alt+f", b"\x1bf"),
    ("Return", b"\r"),
)


def test_a_typed_command_makes_a_file_on_the_remote_machine(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    file = rmm.mesh.home / "typed.txt"
    hands.type(f"echo hello from far > {file}")
    hands.press("Return")
    console.until(lambda: file.exists() and file.read_text() == "hello from far\n", "the command did not run there")


def test_every_key_reaches_the_shell(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    page = WebPage(console, session)
    console.until(lambda: has_focus(page.view), "the terminal has not the keyboard")
    arrived = rmm.mesh.home / "terminal keys"
    arrived.unlink(missing_ok=True)
    hands.type(f"'{reader(rmm.mesh.home)}' '{arrived}'")
    hands.press("Return")
    console.until(arrived.exists, "the reader did not start")
    for key, wanted in _KEYS:
        before = arrived.stat().st_size
        hands.press(key)
        console.until(lambda: arrived.stat().st_size > before, f"{key} did not arrive")  # noqa: B023
        assert arrived.read_bytes()[before:] == wanted, f"{key} came as something else"
    assert session.live
    assert console.window.tabs.currentWidget() is console.tab(session)


def test_the_three_kinds_of_one_agent_are_one_audit_entry(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    for kind in SessionKind:
        session = console.open(rmm.live[0].hostname, kind)
        console.connected(session)
        if kind is SessionKind.TERMINAL:
            WebPage(console, session).shell_works(rmm.mesh.home)
        console.window.tabs.setCurrentIndex(0)
    assert [session.kind for session in console.app.sessions.live] == list(SessionKind)
    assert len(rmm.api.audit) == 1
    console.connected(console.open(rmm.live[1].hostname, SessionKind.FILES))
    assert [entry.agent_id for entry in rmm.api.audit] == [rmm.live[0].agent_id, rmm.live[1].agent_id]


def test_a_closed_session_is_ended_by_no_other_thread(desk: Desk, rmm: Rmm) -> None:
    """Garbage may be found on any thread; a web profile that is destroyed there takes the whole console with it."""
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.FILES)
    console.connected(session)
    profile = WebPage(console, session).page.profile()
    ended: list[bool] = []
    profile.destroyed.connect(lambda: ended.append(QThread.isMainThread()))
    console.app.sessions.close(session)
    assert not ownedByPython(profile)
    del profile, session
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()
    console.until(lambda: ended == [True], "the profile was not ended")
