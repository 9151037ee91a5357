"""The agents page and the panel beside it, over agents that are put into its store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from console.fleet.bookmarks import MOST_VIEWS, BookmarkFile, Bookmarks, View
from console.preferences import Preferences, Theme
from console.rmm.models import AgentStatus
from console.servers import Server
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.fleet_watch import FleetWatch
from console.ui.agents.page import AgentsPage
from console.ui.fleet.scope import ALL, FAVOURITES, of_client, of_recent
from console.ui.fleet.side_tree import BESIDE, Beside, Mark
from console.ui.fleet.view_name import ViewName
from console.ui.palette.commands import of_sorting
from console.ui.palette.entries import Command
from console.ui.theme import Appearance
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Inline, connection_to

ONLINE, OFFLINE, OVERDUE = AgentStatus.ONLINE, AgentStatus.OFFLINE, AgentStatus.OVERDUE


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@pytest.fixture
def page(appearance: Appearance, qtbot: QtBot, tmp_path: Path) -> AgentsPage:
    """Acme with sites North and South, and Brightwater; nothing is asked of a server."""
    marks = FleetBookmarks(BookmarkFile(tmp_path), "one", Inline())
    marks.load()
    watch = FleetWatch(connection_to(Server(address="https://api.example.com"), Inline()))
    made = AgentsPage(watch, Preferences(), appearance, marks)
    qtbot.addWidget(made)
    rows = [
        named("a1", hostname="acme-1", client_name="Acme", site_name="North", status=ONLINE),
        named("a2", hostname="acme-2", client_name="Acme", site_name="North", status=OFFLINE),
        named("a3", hostname="acme-3", client_name="Acme", site_name="South", status=OVERDUE),
        named("b1", hostname="bw-1", client_name="Brightwater", site_name="Main", status=ONLINE),
    ]
    watch.updated.emit(watch.store.update(rows))
    made.resize(1200, 700)
    made.show()
    return made


def hosts(page: AgentsPage) -> list[str]:
    return [agent.hostname for agent in page.model.agents()]


def views(page: AgentsPage) -> list[str]:
    return [view.name for view in page.bookmarks.now.views]


def entry(page: AgentsPage, title: str) -> QTreeWidgetItem:
    return next(one for one in page.side.tree.items() if one.text(0) == title)


def asked_for_name(page: AgentsPage) -> ViewName:
    (dialog,) = page.findChildren(ViewName)
    return dialog


class TestViews:
    def test_no_view_gets_the_name_of_another(self, page: AgentsPage) -> None:
        page.save_view_as("Alpha")
        page.save_view_as("Beta")
        page.side._rename(page.bookmarks.now.views[1])
        dialog = asked_for_name(page)
        dialog.field.setText(" Alpha ")
        assert dialog.said.text() == "Another view has this name."
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        assert views(page) == ["Alpha", "Beta"]
        dialog.field.setText("Gamma")
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        assert views(page) == ["Alpha", "Gamma"]

    def test_saving_under_a_name_that_is_taken_says_so(self, page: AgentsPage) -> None:
        page.save_view_as("Alpha")
        page.search.set_text("bw")
        page.save_view()
        dialog = asked_for_name(page)
        assert dialog.take.text() == "Save"
        dialog.field.setText("Alpha")
        assert "replaced" in dialog.said.text()
        assert dialog.take.text() == "Replace"
        dialog.take.click()
        assert [(view.name, view.query) for view in page.bookmarks.now.views] == [("Alpha", "bw")]

    def test_one_too_many_is_not_kept_and_none_is_lost(self, page: AgentsPage) -> None:
        full = Bookmarks(views=tuple(View(name=f"view {number}") for number in range(MOST_VIEWS)))
        page.bookmarks.change(lambda _: full)
        page.save_view()
        dialog = asked_for_name(page)
        dialog.field.setText("one more")
        assert not dialog.take.isEnabled()
        assert f"There are {MOST_VIEWS} views" in dialog.said.text()
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        assert page.bookmarks.now == full

    def test_enter_does_not_delete(self, page: AgentsPage) -> None:
        page.save_view_as("Alpha")
        page.side._delete(page.bookmarks.now.views[0])
        (box,) = page.findChildren(QMessageBox)
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert box.isHidden()
        assert views(page) == ["Alpha"]

    def test_a_view_of_favourites_stays_one(self, page: AgentsPage) -> None:
        page.bookmarks.change(lambda now: now.starred(frozenset({"a2"}), on=True))
        page.look_at(FAVOURITES)
        page.save_view_as("Mine")
        page.look_at(ALL)
        page.show_view(page.bookmarks.now.views[0])
        assert page.scope is FAVOURITES
        assert hosts(page) == ["acme-2"]

    def test_a_view_of_the_latest_shows_those_of_now(self, page: AgentsPage) -> None:
        page.bookmarks.change(lambda now: now.used("a1"))
        page.look_at(of_recent(page.bookmarks.now.recent))
        page.save_view_as("Latest")
        page.look_at(ALL)
        page.bookmarks.change(lambda now: now.used("b1"))
        page.show_view(page.bookmarks.now.views[0])
        assert hosts(page) == ["acme-1", "bw-1"]


def test_a_chip_leaves_what_is_typed(page: AgentsPage) -> None:
    page.search.set_text('clinet:acme "front desk" is:onl')
    chip = page.chips._buttons["offline"]
    chip.click()
    assert page.search.text() == 'clinet:acme "front desk" is:onl is:offline'
    assert chip.isChecked()
    page.chips._buttons["online"].click()
    assert page.search.text() == 'clinet:acme "front desk" is:onl is:online'
    assert not chip.isChecked()


class TestPanel:
    def test_what_is_wrong_is_told_of_each_client_and_site(self, page: AgentsPage) -> None:
        told = {one.text(0): one.data(0, BESIDE) for one in page.side.tree.items() if one.data(0, BESIDE)}
        offline, overdue = Mark("offline", "warning", 1), Mark("overdue", "bad", 1)
        assert told["Acme"] == Beside(3, (offline, overdue))
        assert told["North"] == Beside(2, (offline,))
        assert told["Brightwater"] == Beside(1)
        spoken = entry(page, "Acme").data(0, Qt.ItemDataRole.AccessibleTextRole)
        assert spoken == "Acme: 3 agents, 1 online, 1 offline, 1 overdue"

    def test_the_marks_are_drawn(self, page: AgentsPage) -> None:
        def warm_pixels(title: str) -> int:
            tree = page.side.tree
            image = tree.viewport().grab(tree.visualItemRect(entry(page, title))).toImage()
            colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
            return sum(colour.red() - colour.blue() > 60 for colour in colours)

        page.look_at(of_recent(()))
        assert warm_pixels("Acme") > 40
        assert warm_pixels("Brightwater") == 0

    def test_the_keys_move_the_focus_and_not_the_mark(self, page: AgentsPage, appearance: Appearance) -> None:
        tree = page.side.tree
        page.look_at(FAVOURITES)
        tree.setFocus()
        QTest.keyClick(tree, Qt.Key.Key_Down)
        current = tree.currentItem()
        assert current is not None
        assert current.text(0) == "Recent"
        assert [one.text(0) for one in tree.selectedItems()] == ["Favourites"]
        image = tree.viewport().grab(tree.visualItemRect(current)).toImage()
        assert image.pixelColor(30, 0).name() == appearance.colours.accent
        QTest.keyClick(tree, Qt.Key.Key_Return)
        assert page.scope.title == "Recent"
        assert [one.text(0) for one in tree.selectedItems()] == ["Recent"]

    def test_the_client_that_is_looked_at_keeps_its_arrow(self, page: AgentsPage) -> None:
        tree, acme = page.side.tree, entry(page, "Acme")

        def branch() -> set[str]:
            row = tree.visualItemRect(acme)
            row.setLeft(0)
            row.setWidth(2 * tree.indentation())
            image = tree.viewport().grab(row).toImage()
            return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

        page.side.tree.expandItem(acme)
        page.look_at(of_client("Acme"))
        assert len(branch()) > 2, "the arrow is gone"

    def test_a_filter_that_finds_no_client_says_so(self, page: AgentsPage) -> None:
        page.side._filter.setText("zebra")
        assert page.side._no_client.isVisible()
        assert page.side._no_client.text() == "No client or site is called “zebra”."
        page.side._filter.setText("sou")
        assert page.side._no_client.isHidden()


def test_the_palette_sorts_by_each_column_that_is_shown(page: AgentsPage) -> None:
    def sorts() -> dict[str, Command]:
        return {command.title: command for command in of_sorting(page)}

    assert "Sort by processor" not in sorts()
    sorts()["Sort by client"].act()
    assert page.model.sorting == (("client", False),)
    sorts()["Sort by client, downwards"].act()
    assert page.model.sorting == (("client", True),)
    assert "Sort by client" in sorts()


def test_the_keyboard_stays_with_the_list_while_it_is_empty(page: AgentsPage, qtbot: QtBot) -> None:
    page.table.selectRow(1)
    page.table.setFocus()
    page.look_at(FAVOURITES)  # none: it says how to get some, with a button
    page.search.set_text("acme")
    page.look_at(of_recent(()))
    focus = QApplication.focusWidget()
    assert focus is not None
    assert page._stack.isAncestorOf(focus), focus
    page.look_at(ALL)
    assert page.table.hasFocus()
    assert [agent.hostname for agent in page.table.selected_agents()] == ["acme-2"]


def test_one_agent_is_exported_as_one(page: AgentsPage, tmp_path: Path) -> None:
    lines: list[str] = []
    page.said.connect(lines.append)
    page.search.set_text("bw-1")
    page.export_csv(tmp_path / "one.csv", Inline())
    assert lines == [f"1 agent was written to {tmp_path / 'one.csv'}."]
