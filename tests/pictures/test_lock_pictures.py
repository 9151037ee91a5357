"""A picture of the lock."""

import pytest
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.secret import Secret
from tests.e2e.desk import Desk
from tests.e2e.rmm import Rmm
from tests.pictures.camera import HEIGHT, WIDTH, Camera


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desk: Desk, rmm: Rmm, qtbot: QtBot, theme: Theme) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    console = desk.signed_in(rmm)
    app, window = console.app, console.window
    window.resize(WIDTH, HEIGHT)
    window.move(20, 20)
    done: list[bool] = []
    app.unlocking.set_pin(Secret("704913"), lambda: done.append(True), lambda _: None)
    console.until(lambda: bool(done))
    console.connected(console.open(rmm.live[0].hostname, SessionKind.TERMINAL))
    app.lock_desk.lock_now()
    console.until(lambda: app.lock_desk.shown is not None and app.lock_desk.shown.field.hasFocus())
    lock = app.lock_desk.shown
    assert lock is not None
    camera.take("lock", lock)
