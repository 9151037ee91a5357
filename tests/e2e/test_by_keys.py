"""A technician's loop without the mouse, on real parts: find the machine, work on it, back, the next one."""

import secrets
import sys

import pytest

from console.mesh.session_kind import SessionKind
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


def connected(console: Console, number: int) -> Session:
    """The latest of so many sessions, connected, with the keyboard."""
    console.until(lambda: len(list(console.app.sessions)) == number, "no session was opened")
    session = list(console.app.sessions)[-1]
    console.connected(session)
    console.until(lambda: has_focus(WebPage(console, session).view), "the session has not the keyboard")
    return session


def test_find_connect_back_next(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    for number, agent in enumerate(rmm.live[:2], 1):
        hands.press("ctrl+f")
        hands.type(agent.hostname)
        hands.press("ctrl+Return")
        session = connected(console, number)
        assert (session.agent.agent_id, session.kind) == (agent.agent_id, SessionKind.TERMINAL)
        proof = rmm.mesh.home / f"typed {secrets.token_hex(4)}"
        hands.type(f"touch '{proof}'")
        hands.press("Return")
        console.until(proof.exists, "what was typed did not arrive", seconds=60)
        hands.press("Control_R+1")
        console.until(lambda: console.window.tabs.currentIndex() == 0, "the list is not in front")
    hands.press("ctrl+f")
    hands.type(rmm.live[2].hostname)
    hands.press("Down", "Return")
    assert connected(console, 3).kind is SessionKind.CONTROL
    hands.press("Control_R+2")
    console.until(lambda: console.window.tabs.currentIndex() == 1, "the first session is not in front")
    assert len(rmm.api.audit) == 3
