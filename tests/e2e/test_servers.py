"""Several RMM servers in one window, and what a second start remembers of how the technician left it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.sign_in_flow import Step
from console.ui.agents.columns import COLUMNS
from console.ui.agents.model import Sorting
from tests.e2e.desk import Console, Desk
from tests.e2e.real_keyring import RealKeyring
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import SignInDesk, choose
from tests.e2e.surroundings import Surroundings
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e

NAMES = [column.name for column in COLUMNS]
SHOWN = {column.name: column.shown for column in COLUMNS}


@pytest.fixture
def other(local_mesh: LocalMesh) -> Iterator[Rmm]:
    """A second RMM, with fewer agents, so that the two lists can be told apart."""
    with Rmm(local_mesh, agents=25) as made:
        yield made


def port(rmm: Rmm) -> str:
    return rmm.address.rpartition(":")[2]


def rows(console: Console) -> int:
    return console.agents.table.model().rowCount()


class TestSeveral:
    def test_the_second_is_added_and_two_clicks_switch_while_a_session_stays(
        self, desk: Desk, rmm: Rmm, other: Rmm
    ) -> None:
        console = desk.signed_in(rmm)
        page = SignInDesk(console)
        first_rows = rows(console)
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)

        choose(console, "Add a server")
        page.sign_in(other)
        assert rows(console) == len(other.fleet.machines) != first_rows
        assert port(other) in console.window.server_button.text()

        choose(console, "Test RMM")
        console.until(lambda: rows(console) == first_rows, "the first server's agents did not come")
        assert "Test RMM" in console.window.server_button.text()
        choose(console, port(other))
        console.until(lambda: rows(console) == len(other.fleet.machines), "the second server's agents did not come")
        assert rmm.api.requests.count(("POST", "/v2/login/")) == 0, "switching signed in anew"
        assert other.api.requests.count(("POST", "/v2/login/")) == 1

        assert session.state is State.CONNECTED
        tabs = console.window.tabs
        console.hands.click(tabs.tabBar(), tabs.tabBar().tabRect(1).center())
        file = rmm.mesh.home / "typed while the other server is shown.txt"
        console.hands.type(f"echo still here > '{file}'")
        console.hands.press("Return")
        console.until(lambda: file.exists() and file.read_text() == "still here\n", "the session is not live any more")

    def test_a_switch_in_the_middle_of_signing_in_leaves_no_trace_of_it(self, desk: Desk, rmm: Rmm, other: Rmm) -> None:
        console = desk.signed_in(rmm)
        page = SignInDesk(console)
        user = other.users.technician
        choose(console, "Add a server")
        page.address(other.address)
        page.credentials(user.name, user.password)
        page.at(Step.CODE)
        choose(console, "Test RMM")
        console.until(lambda: page.listed, "the first server's agents did not come")
        assert len(console.app.accounts.book.servers) == 1
        choose(console, "Add a server")
        page.sign_in(other)
        assert len(console.app.accounts.book.servers) == 2

    def test_the_next_start_shows_the_one_that_was_shown_last(self, desk: Desk, rmm: Rmm, other: Rmm) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.sign_in(rmm, keep=True)
        choose(console, "Add a server")
        page.sign_in(other, keep=True)
        choose(console, port(rmm))
        console.until(lambda: rows(console) == len(rmm.fleet.machines))
        desk.end(console)

        second = desk.start()
        again = SignInDesk(second)
        again.until_listed()
        assert rows(second) == len(rmm.fleet.machines)
        choose(second, port(other))
        second.until(lambda: again.listed and rows(second) == len(other.fleet.machines), "the other asked something")

    def test_one_that_is_known_is_not_added_twice(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.sign_in(rmm)
        choose(console, "Add a server")
        page.sign_in(rmm)
        assert len(console.app.accounts.book.servers) == 1


class TestRemoved:
    def test_it_leaves_the_list_and_the_keyring_and_the_other_is_shown(
        self, desk: Desk, rmm: Rmm, other: Rmm, surroundings: Surroundings, qtbot: QtBot
    ) -> None:
        console = desk.start()
        kept = RealKeyring(surroundings.keyring_password, qtbot)
        page = SignInDesk(console)
        page.sign_in(rmm, keep=True)
        choose(console, "Add a server")
        page.sign_in(other, keep=True, keep_password=True)
        first, second = console.app.accounts.book.servers
        assert kept.of_server(second.id)

        choose(console, "Remove")
        console.until(lambda: page.listed and rows(console) == len(rmm.fleet.machines), "the other one is not shown")
        console.until(lambda: ("POST", "/logout/") in other.api.requests, "its token lives on")
        console.until(lambda: [each.id for each in console.app.accounts.book.servers] == [first.id], "it stays listed")
        assert kept.of_server(second.id) == {}
        assert kept.of_server(first.id), "the other server's token went too"
        desk.end(console)

        again = desk.start()
        SignInDesk(again).until_listed()
        assert [server.id for server in again.app.accounts.book.servers] == [first.id]

    def test_without_any_left_the_address_is_asked(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.sign_in(rmm)
        choose(console, "Remove")
        page.at(Step.ADDRESS)
        assert "No server" in console.window.server_button.text()

    def test_where_the_server_is_gone_it_is_removed_here_and_told(
        self, desk: Desk, local_mesh: LocalMesh, surroundings: Surroundings, qtbot: QtBot
    ) -> None:
        console = desk.start()
        kept = RealKeyring(surroundings.keyring_password, qtbot)
        page = SignInDesk(console)
        with Rmm(local_mesh) as gone:
            page.sign_in(gone, keep=True)
        (server,) = console.app.accounts.book.servers
        choose(console, "Remove")

        def boxes() -> list[QMessageBox]:
            return [box for box in console.window.findChildren(QMessageBox) if box.isVisible()]

        console.until(lambda: bool(boxes()), "nothing was said")
        (box,) = boxes()
        assert "signed out on this computer" in box.text()
        assert "ends by itself" in box.informativeText()
        assert kept.of_server(server.id) == {}
        console.hands.click(box.buttons()[0])
        page.at(Step.ADDRESS)


def sorting(console: Console) -> Sorting:
    return console.agents.model.sorting


class TestColumns:
    def test_hidden_moved_and_sorted_ones_are_remembered(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True)
        header = console.agents.table.horizontalHeader()
        hide_by_menu(console, "User")
        client, site = NAMES.index("client"), NAMES.index("site")
        console.hands.click(header.viewport(), middle(console, client))
        console.until(lambda: sorting(console) == (("client", False),), "it was not sorted")
        beside = middle(console, client) + QPoint(25, 0)  # at the same place it would be a double-click
        console.hands.click(header.viewport(), beside)
        console.until(lambda: sorting(console) == (("client", True),), "it was not sorted downwards")
        target = middle(console, site) + QPoint(header.sectionSize(site) // 3, 0)
        console.hands.drag(header.viewport(), middle(console, client), target)
        console.until(lambda: header.visualIndex(client) > header.visualIndex(site), "the column was not moved")
        left = [column.name for column in console.agents.table.columns()]
        order = [console.agents.table.model().index(row, NAMES.index("hostname")).data() for row in range(10)]
        desk.end(console)

        second = desk.start()
        SignInDesk(second).until_listed()
        table = second.agents.table
        assert [column.name for column in table.columns()] == left != NAMES
        assert [column.name for column in table.columns() if column.hidden and SHOWN.get(column.name)] == ["user"]
        assert table.isColumnHidden(NAMES.index("user"))
        assert sorting(second) == (("client", True),)
        assert [table.model().index(row, NAMES.index("hostname")).data() for row in range(10)] == order
        clients = [str(table.model().index(row, client).data()).casefold() for row in range(rows(second))]
        assert clients == sorted(clients, reverse=True)

    def test_a_hidden_one_comes_back_by_the_same_menu(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True)
        hide_by_menu(console, "User")
        desk.end(console)
        second = desk.start()
        SignInDesk(second).until_listed()
        hide_by_menu(second, "User", hidden=False)


def middle(console: Console, column: int) -> QPoint:
    """The middle of a column's head."""
    header = console.agents.table.horizontalHeader()
    return QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)


def hide_by_menu(console: Console, title: str, *, hidden: bool = True) -> None:
    """The right button on the head of the table, and a click on a column's name."""
    table = console.agents.table
    column = next(place for place, spec in enumerate(COLUMNS) if spec.title == title)
    header = table.horizontalHeader()
    console.hands.click(header.viewport(), middle(console, NAMES.index("hostname")), button=3)

    def menu() -> QMenu | None:
        popup = QApplication.activePopupWidget()
        return popup if isinstance(popup, QMenu) else None

    console.until(lambda: menu() is not None, "the menu of the columns did not come")
    shown = menu()
    assert shown is not None
    action = next(action for action in shown.actions() if action.text() == title)
    console.hands.click(shown, shown.actionGeometry(action).center())
    console.until(lambda: table.isColumnHidden(column) is hidden, "the column stays as it was")
    console.hands.press("Escape")  # it stays open for more than one column
    console.until(lambda: menu() is None, "the menu did not close")
