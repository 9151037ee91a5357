"""Pictures of actions on many agents, and of what is watched."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.demo.api_action_routes import FORBIDDEN, NATS_DOWN, TIMEOUT
from console.preferences import Theme
from console.sessions.agent_watches import Awaited
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.test_fleet_actions import Office
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
    office = Office(console, rmm, hands, qtbot)
    machines = office.select(12)
    server_id = console.agents.watch.connection.server.id
    watches, chosen = console.app.agent_watches, console.agents.table.selected_agents()
    watches.add(server_id, chosen[3:8], Awaited.REBOOTED)
    watches.add(server_id, chosen[1:3], Awaited.OFFLINE)
    office.open_section("Actions")
    camera.take("actions-menu", console.window)
    hands.press("Escape", "Escape", "Escape")
    office.choose("Actions", "Shut down…")
    office.question()
    camera.take("actions-shut-down", console.window)
    hands.press("Escape")
    office.choose("Actions", "Reboot at a set time…")
    office.question()
    camera.take("actions-reboot-at", console.window)
    hands.press("Escape")
    online = [each for each in machines if each.status(time.time()) == "online"]
    for machine, fault in zip(online, (TIMEOUT, NATS_DOWN, FORBIDDEN), strict=False):
        rmm.api.acting.faults[machine.agent_id] = fault
    office.choose("Actions", "Reboot now…")
    hands.click(office.question().go_on)
    window = office.results()
    console.until(lambda: not window.run.running)
    window.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    window.table.selectRow(0)
    window.move(60, 120)
    camera.take("actions-results", window)
    window.close()
    console.until(lambda: bool(watches.ended))
    console.app.watch_desk.show_dialog()
    camera.take("watched-agents", console.window)
