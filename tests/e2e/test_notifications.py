"""Notifications through a real D-Bus, clicked by a service of the tests' own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console import assets
from console.ui.notifications import Notification, Notifier
from console.work import Lane
from tests.e2e.notification_desk import NotificationDesk
from tests.e2e.surroundings import Surroundings

pytestmark = pytest.mark.e2e
SECONDS = 20_000

BARE_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture
def bare_bus(surroundings: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus that can start no service, whatever is installed on the computer."""
    config = tmp_path / "bus.conf"
    config.write_text(BARE_BUS.format(folder=surroundings.temporary), encoding="utf-8")
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    assert bus.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    yield os.environ["DBUS_SESSION_BUS_ADDRESS"]
    bus.terminate()
    bus.communicate()


class Desk(QObject):
    """A window with a notifier, and what came of its notifications."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.window = QWidget()
        self.window.resize(300, 200)
        qtbot.addWidget(self.window)
        self.lane = Lane("notifications", 1)
        self.notifier = Notifier(self.window, self.lane, QIcon(str(assets.path(f"{assets.APP_ID}.svg"))))
        self.not_shown: list[Notification] = []
        self.notifier.not_shown.connect(self.not_shown.append)
        self.clicked: list[str] = []

    def notify(self, title: str = "PC-1 is online", text: str = "Control opens now.") -> bool:
        return self.notifier.notify(title, text, "Show", lambda: self.clicked.append(title))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def check() -> None:
            assert condition(), what

        self._qtbot.waitUntil(check, timeout=SECONDS)

    def shown(self, service: NotificationDesk) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found.extend([one] if (one := service.shown()) else [])
            return bool(found)

        self.until(look, "nothing was shown")
        return found[0]

    def known(self) -> bool:
        """Whether it is clear if the desktop has a service."""
        service = self.notifier._service
        assert service is not None
        self.until(lambda: service.available is not None, "the bus was not asked")
        return bool(service.available)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, bare_bus: str) -> Iterator[Callable[[], Desk]]:
    made: list[Desk] = []

    def make() -> Desk:
        made.append(Desk(qtbot))
        return made[-1]

    yield make
    for one in made:
        one.notifier.end()
        one.lane.stop()


@pytest.mark.parametrize("key", ["default", "go"])
def test_a_click_brings_the_window_to_the_front_and_acts_once(desk: Callable[[], Desk], qtbot: QtBot, key: str) -> None:
    with NotificationDesk() as service:
        here = desk()
        here.window.show()
        here.until(here.window.isActiveWindow, "the window did not come")
        here.window.showMinimized()
        here.until(lambda: not here.window.isActiveWindow(), "the window stayed")
        assert here.notify()  # the bus may not have answered yet
        shown = here.shown(service)
        assert (shown["app"], shown["summary"], shown["body"]) == (
            "Technician Console",
            "PC-1 is online",
            "Control opens now.",
        )
        assert shown["actions"] == ["default", "Show", "go", "Show"]
        assert shown["hints"]["desktop-entry"] == ["s", assets.APP_ID]
        service.signal("ActionInvoked", shown["number"] + 1, key)  # another one's
        service.signal("ActionInvoked", shown["number"], key)
        service.signal("NotificationClosed", shown["number"], 2)
        here.until(lambda: here.clicked == ["PC-1 is online"], "the click led nowhere")
        here.until(here.window.isActiveWindow, "the window did not come to the front")
        assert not here.window.isMinimized()


def test_texts_are_plain_whatever_they_hold(desk: Callable[[], Desk]) -> None:
    with NotificationDesk() as service:
        here = desk()
        here.notify("<b>PC</b>\n1", "<a href='x'>&amp;</a>\nnext\u202eline" + "x" * 1000)
        shown = here.shown(service)
        assert shown["summary"] == "<b>PC</b> 1"  # never markup
        assert shown["body"].startswith("&lt;a href='x'&gt;&amp;amp;&lt;/a&gt; next line")
        assert len(shown["body"]) < 500
    assert here.clicked == []


def test_a_service_without_markup_and_actions(desk: Callable[[], Desk]) -> None:
    with NotificationDesk(["body"]) as service:
        here = desk()
        here.notify(text="a < b & c")
        shown = here.shown(service)
        assert shown["body"] == "a < b & c"
        assert shown["actions"] == []


def test_several_at_once_each_lead_to_their_own(desk: Callable[[], Desk]) -> None:
    with NotificationDesk() as service:
        here = desk()
        for name in ("one", "two", "three"):
            here.notify(name)
        numbers = {shown["summary"]: shown["number"] for shown in (here.shown(service) for _ in range(3))}
        service.signal("NotificationClosed", numbers["one"], 1)
        service.signal("ActionInvoked", numbers["one"], "default")
        service.signal("ActionInvoked", numbers["two"], "default")
        here.until(lambda: bool(here.clicked), "the click led nowhere")
        assert here.clicked == ["two"]


def test_without_a_service_and_a_tray_the_window_is_told(desk: Callable[[], Desk]) -> None:
    here = desk()
    assert here.notify()
    here.until(lambda: bool(here.not_shown), "nobody was told")
    assert (here.not_shown[0].title, here.not_shown[0].action) == ("PC-1 is online", "Show")
    assert not here.known()
    assert not here.notify()
    assert len(here.not_shown) == 1


def test_without_a_bus_the_window_is_told(desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    here = desk()
    assert not here.known()
    assert not here.notify()


def test_one_that_the_service_refuses_is_told(desk: Callable[[], Desk]) -> None:
    with NotificationDesk(refuses=True):
        here = desk()
        assert here.known()
        assert here.notify()
        here.until(lambda: bool(here.not_shown), "nobody was told")


def test_a_service_that_goes_away(desk: Callable[[], Desk]) -> None:
    with NotificationDesk():
        here = desk()
        assert here.known()
    assert here.notify()
    here.until(lambda: bool(here.not_shown), "nobody was told")


def test_another_program_cannot_click(desk: Callable[[], Desk], qtbot: QtBot) -> None:
    with NotificationDesk() as service:
        here = desk()
        here.notify()
        number = here.shown(service)["number"]
        command = ["gdbus", "emit", "--session", "--object-path", "/org/freedesktop/Notifications"]
        command += ["--signal", "org.freedesktop.Notifications.ActionInvoked", f"uint32 {number}", "default"]
        subprocess.run(command, check=True, timeout=20)
        service.signal("ActivationToken", number, "token")
        here.until(lambda: any(one.token for one in _shown(here)), "the signal of the service did not come")
        assert here.clicked == []


def _shown(desk: Desk) -> list[Any]:
    service = desk.notifier._service
    assert service is not None
    return list(service._shown.values())


def test_what_is_held_back_is_not_named_and_comes_later(desk: Callable[[], Desk]) -> None:
    """While the console is locked: what is shown goes, what was on its way goes, and what comes is not named."""
    with NotificationDesk() as service:
        here = desk()
        here.notify("before")
        shown = here.shown(service)
        here.until(lambda: bool(_shown(here)), "the service did not answer")
        led: list[str] = []
        here.notify("on its way")
        here.notifier.hold_back(lambda: led.append("the lock"))
        under_way = here.shown(service)
        assert under_way["summary"] == "on its way"
        gone = [shown["number"], under_way["number"]]
        here.until(lambda: sorted(service.taken_back) == gone, "what was shown is there still")
        here.notify("held")
        here.notify("held too")
        instead = here.shown(service)
        assert "held" not in instead["summary"] + instead["body"]
        for number in (*gone, instead["number"]):
            service.signal("ActionInvoked", number, "default")
        here.until(lambda: bool(led), "the click led nowhere")
        assert led == ["the lock"]
        assert here.clicked == []
        assert not here.window.isVisible()
        here.notifier.speak()
        assert [here.shown(service)["summary"] for _ in range(2)] == ["held", "held too"]
        here.until(lambda: instead["number"] in service.taken_back, "the one in their place is there still")


def test_what_was_told_before_the_bus_was_there_is_held_back_too(desk: Callable[[], Desk]) -> None:
    with NotificationDesk() as service:
        here = desk()
        here.notify("early")
        here.notifier.hold_back(lambda: None)
        assert here.shown(service)["summary"] == "Technician Console"
        here.notifier.speak()
        assert here.shown(service)["summary"] == "early"
