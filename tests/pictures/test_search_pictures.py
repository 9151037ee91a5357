"""Pictures of the search box: what it offers, what it explains, and its help."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh
from tests.pictures.camera import HEIGHT, WIDTH, Camera


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh(250) as made:
        yield made


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desk: Desk, rmm: Rmm, hands: Hands, qtbot: QtBot, theme: Theme) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    console = desk.signed_in(rmm)
    console.window.resize(WIDTH, HEIGHT)
    console.window.move(20, 20)
    hands.press("ctrl+f")
    hands.type("srv or pc is:onlin clinet:kestrel ")
    camera.take("search-explained", console.window)
    hands.press("ctrl+a")
    hands.type("windows -is:server client:")
    hands.press("Down", "Down")
    camera.take("search-offers", console.window)
    hands.press("Escape", "F1")
    camera.take("search-help", console.window)
    hands.press("Escape")
