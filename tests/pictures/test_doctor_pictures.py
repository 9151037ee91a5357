"""Pictures of the doctor: a server where all is well, and one whose MeshCentral is gone."""

import pytest
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from tests.e2e.desk import Desk
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh
from tests.pictures.camera import HEIGHT, WIDTH, Camera


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_all_is_well(desk: Desk, rmm: Rmm, qtbot: QtBot, theme: Theme) -> None:
    take("doctor", desk, rmm, qtbot, theme)


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_no_mesh(desk: Desk, qtbot: QtBot, theme: Theme) -> None:
    with rmm_without_mesh() as rmm:
        take("doctor-failure", desk, rmm, qtbot, theme)


def take(name: str, desk: Desk, rmm: Rmm, qtbot: QtBot, theme: Theme) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    console = desk.signed_in(rmm)
    console.window.resize(WIDTH, HEIGHT)
    console.window.move(20, 20)
    shown = console.app.doctor_desk.examine(console.window.shown, console.window)
    console.until(lambda: shown.copy.isEnabled(), "it did not end")
    shown.move(60, 60)
    camera.take(name, shown)
    shown.list.verticalScrollBar().setValue(shown.list.verticalScrollBar().maximum())
    camera.take(f"{name}-2", shown)
    if rmm.live:
        shown.hostname.setText(rmm.live[0].hostname)
        shown.ask.click()
        console.until(lambda: shown.copy.isEnabled(), "it did not end")
        shown.list.verticalScrollBar().setValue(shown.list.verticalScrollBar().maximum())
        camera.take(f"{name}-3", shown)
    shown.close()
