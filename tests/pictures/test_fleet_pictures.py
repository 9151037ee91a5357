"""Pictures of the fleet: ten thousand agents, groups, a scope that is empty, a server that does not answer."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.fleet.grouping import Grouping
from console.preferences import Theme
from console.ui.fleet.scope import ALL, FAVOURITES, of_client
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
    for name, text in (("Servers that need a look", "is:server (is:checksfailing or is:overdue)"), ("Old laptops", "")):
        page.search.set_text(text)
        page.save_view_as(name)
    page.search.clear()
    for row in (3, 5):
        page.table.selectRow(row)
        page.star()
    page.table.selectRow(4)
    camera.take("agents", window, 1500)

    page.table.group_by(Grouping.CLIENT)
    page.search.set_text("srv")
    page.table.setCurrentIndex(page.model.index(2, 0))
    camera.take("agents-grouped", window)
    page.table.group_by(Grouping.NOTHING)

    client = sorted(page.watch.store.counts.clients)[3]
    page.look_at(of_client(client))
    page.search.set_text("nothing like this")
    camera.take("agents-none-found", window)
    page.search.clear()
    page.bookmarks.change(lambda now: now.starred(now.favourites, on=False))
    page.look_at(FAVOURITES)
    camera.take("agents-no-favourites", window)

    page.look_at(ALL)
    rmm.stop()
    page.watch.refresh()
    console.until(lambda: page.watch.problem is not None, "the list still comes")
    camera.take("agents-server-down", window)
