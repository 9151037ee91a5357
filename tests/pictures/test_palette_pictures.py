"""Pictures of the palette over ten thousand agents: as it opens, and with a few letters typed."""

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.fleet.bookmarks import View
from console.preferences import Theme
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh
from tests.pictures.camera import HEIGHT, WIDTH, Camera


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh(10_000) as made:
        yield made


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desk: Desk, rmm: Rmm, hands: Hands, qtbot: QtBot, theme: Theme) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    console = desk.signed_in(rmm)
    window, page = console.window, console.agents
    window.resize(WIDTH, HEIGHT)
    window.move(20, 20)
    recent = tuple(agent.agent_id for agent in page.model.agents()[40:44])
    page.bookmarks.change(lambda now: msgspec.structs.replace(now, recent=recent))
    page.bookmarks.change(lambda now: now.with_view(View(name="Servers that need a look", query="is:server")))
    page.table.selectRow(2)
    palette = console.app.palette_desk.palette
    hands.press("ctrl+k")
    console.until(palette.field.hasFocus)
    camera.take("palette", window, 1200)
    hands.type("srv dc")
    camera.take("palette-letters", window)
