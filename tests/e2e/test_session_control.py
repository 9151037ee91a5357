"""Taking control: what hand and keyboard do in the view arrives on the far display, and its picture comes back."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint

from console.demo.desktop import SharedDesktop
from console.mesh.session_kind import SessionKind
from tests.e2e.desk import Desk
from tests.e2e.far_end import far_pixel, far_terminal, held_keys, reader, until, xdotool
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus, is_reddish

pytestmark = pytest.mark.e2e


@pytest.fixture
def desktop(rmm: Rmm) -> SharedDesktop:
    assert rmm.mesh.desktop is not None
    return rmm.mesh.desktop


def fresh(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def test_a_double_click_connects_and_gives_the_keyboard(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
    console.connected(session)
    page = WebPage(console, session)
    assert console.tab(session).isVisible()
    assert page.view.isVisible()
    console.until(lambda: has_focus(page.view), "the page has not the keyboard")
    assert [entry.agent_id for entry in rmm.api.audit] == [rmm.live[0].agent_id]


def test_keys_and_clicks_arrive_and_the_picture_changes(
    desk: Desk, rmm: Rmm, hands: Hands, desktop: SharedDesktop
) -> None:
    arrived = fresh(rmm.mesh.home / "control keys")
    with far_terminal(rmm.mesh, reader(rmm.mesh.home), arrived, "mouse") as (x, y, width, height):
        assert until(arrived.exists)
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
        console.connected(session)
        page = WebPage(console, session)
        middle_x, middle_y = x + width // 2, y + height // 2
        target = page.on_far_display(middle_x, middle_y)

        hands.click(page.view, target)
        console.until(lambda: b"\x1b[<0;" in arrived.read_bytes(), "the click did not arrive in the program")
        place = re.search(r"x:(\d+) y:(\d+)", xdotool(desktop, "getmouselocation"))
        assert place
        assert abs(int(place[1]) - middle_x) <= 2
        assert abs(int(place[2]) - middle_y) <= 2
        hands.click(page.view, target, button=3)
        console.until(lambda: b"\x1b[<2;" in arrived.read_bytes(), "the right button did not arrive")
        hands.click(page.view, target, button=5)
        console.until(lambda: b"\x1b[<65;" in arrived.read_bytes(), "the wheel did not arrive")

        before = arrived.stat().st_size
        hands.type("Far 42!")
        hands.press("F5", "ctrl+w", "ctrl+f", "ctrl+c", "Escape", "Up", "Tab", "Return")
        wanted = b"Far 42!" + b"\x1b[15~" + b"\x17" + b"\x06" + b"\x03" + b"\x1b" + b"\x1b[A" + b"\t" + b"\r"
        console.until(lambda: arrived.read_bytes()[before:] == wanted, "not every key arrived")
        assert session.live


@pytest.mark.parametrize(("modifier", "key"), [("ctrl", "g"), ("shift", "g"), ("alt", "g")])
def test_no_key_stays_held_when_its_modifier_goes_first(
    desk: Desk, rmm: Rmm, hands: Hands, desktop: SharedDesktop, modifier: str, key: str
) -> None:
    arrived = fresh(rmm.mesh.home / "rolled")
    with far_terminal(rmm.mesh, reader(rmm.mesh.home), arrived) as (x, y, width, height):
        assert until(arrived.exists)
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
        console.connected(session)
        page = WebPage(console, session)
        hands.click(page.view, page.on_far_display(x + width // 2, y + height // 2))
        before = arrived.stat().st_size
        hands.roll(modifier, key)
        console.until(lambda: arrived.stat().st_size > before, "the key did not arrive")
        console.until(lambda: held_keys(desktop) == "[]", "a key stays held on the remote machine")


def test_what_happens_there_is_seen_here(desk: Desk, rmm: Rmm, desktop: SharedDesktop) -> None:
    go = fresh(rmm.mesh.home / "turn red")
    script = f"until [ -e '{go}' ]; do sleep 0.1; done; printf '\\033]11;#ff0000\\007'; exec sleep 600"
    with far_terminal(rmm.mesh, "/bin/sh", "-c", script) as (x, y, width, height):
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
        console.connected(session)
        page = WebPage(console, session)
        far = x + width // 4, y + height // 2  # others leave the mouse in the middle, and it is in the picture
        here: QPoint = page.on_far_display(*far)
        console.until(lambda: not is_reddish(page.seen(), here), "it is red before it should be")
        go.touch()
        console.until(lambda: far_pixel(desktop, *far) == b"\xff\x00\x00", "the far display did not change")
        console.until(lambda: is_reddish(page.seen(), here), "the view did not change")
