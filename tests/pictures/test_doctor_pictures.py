"""Pictures of the doctor, who has found that MeshCentral is gone."""

import pytest
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from tests.e2e.desk import Desk
from tests.e2e.without_mesh import rmm_without_mesh
from tests.pictures.camera import HEIGHT, WIDTH, Camera


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desk: Desk, qtbot: QtBot, theme: Theme) -> None:
    desk.prefer(theme=theme)
    with rmm_without_mesh() as gone:
        console = desk.signed_in(gone)
        console.window.resize(WIDTH, HEIGHT)
        console.window.move(20, 20)
        window = console.app.doctor_desk.examine(console.window.shown, console.window)
        window.move(60, 60)
        console.until(window.copy.isEnabled, "it did not end")
        Camera(theme, qtbot).take("doctor", window)
