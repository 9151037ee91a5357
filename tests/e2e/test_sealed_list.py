"""The list of an earlier run: shown at once, replaced by the fresh one, put aside when it is damaged, gone with the
account. On a real keyring and a real disk."""

import stat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from console.sessions.sign_in_flow import Step
from console.ui.agents.page import AgentsPage
from tests.e2e.desk import Console, Desk
from tests.e2e.real_keyring import RealKeyring
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import SignInDesk, choose
from tests.e2e.surroundings import Surroundings

pytestmark = pytest.mark.e2e


@pytest.fixture
def kept(surroundings: Surroundings, qtbot: QtBot) -> RealKeyring:
    return RealKeyring(surroundings.keyring_password, qtbot)


def files(desk: Desk) -> list[Path]:
    return sorted((desk.places.data / "lists").glob("*"))


def server_id(console: Console) -> str:
    (server,) = console.app.accounts.book.servers
    return server.id


def words(console: Console) -> str:
    """All that the agents page says beside its table."""
    labels = console.agents.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible() and label.text())


def hosts(console: Console) -> list[str]:
    model = console.agents.table.model()
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def earlier_run(desk: Desk, rmm: Rmm) -> list[str]:
    """Signs in, lists the agents, and ends the console; the host names that it showed."""
    console = desk.start()
    SignInDesk(console).sign_in(rmm, keep=True)
    console.until(lambda: len(files(desk)) == 1, "the list was not kept")
    shown = hosts(console)
    desk.end(console)
    return shown


def opened(desk: Desk) -> Console:
    """The next start, once it shows agents."""
    console = desk.start()
    console.until(lambda: isinstance(console.window.home.currentWidget(), AgentsPage), "it is not signed in")
    console.until(lambda: console.agents.table.model().rowCount() > 0, "no agent is shown")
    return console


def test_while_the_server_is_down_the_last_list_is_shown_with_its_age(desk: Desk, rmm: Rmm) -> None:
    before = earlier_run(desk, rmm)
    rmm.stop()
    console = opened(desk)
    watch = console.agents.watch
    console.until(lambda: watch.problem is not None, "nobody noticed that the server is down")
    assert hosts(console) == before
    assert watch.from_cache
    assert all(watch.stale(agent_id) for agent_id in watch.by_id())
    assert watch.as_of is not None
    said = words(console)
    assert f"as of {watch.as_of.astimezone():%H:%M}, from the last run" in said
    status = console.agents.model.index(0, 0)
    tip = str(status.data(Qt.ItemDataRole.ToolTipRole))
    assert f"As it was at {watch.as_of.astimezone():%H:%M}, in the last run." in tip, (
        "a status does not say how old it is"
    )
    assert "Not refreshed:" in said
    assert "does not take connections" in said
    assert "Next try in" in said


def test_it_is_sealed_and_only_its_owner_can_read_it(desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
    console = desk.start()
    SignInDesk(console).sign_in(rmm, keep=True)
    console.until(lambda: len(files(desk)) == 1, "the list was not kept")
    (path,) = files(desk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    for machine in rmm.fleet.machines:
        assert machine.hostname.encode() not in content
        assert machine.agent_id.encode() not in content
    key = kept.list_key(server_id(console))
    assert key
    assert key.encode() not in content


def test_the_fresh_list_takes_its_place_and_search_sort_and_selection_stay(desk: Desk, rmm: Rmm) -> None:
    earlier_run(desk, rmm)
    rmm.api.delay = 600  # until it is released
    console = opened(desk)
    page, watch = console.agents, console.agents.watch
    field = next(one for one in page.findChildren(QLineEdit) if "search" in one.accessibleName().lower())
    console.hands.click(field)
    console.hands.type("windows")
    whole = len(watch.store)
    console.until(lambda: 0 < len(hosts(console)) < whole, "the search did not narrow the table")
    page.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    before = hosts(console)
    assert before == sorted(before, key=str.casefold, reverse=True)
    console.hands.click_row(page.table, console.row(before[3]))
    chosen = page.table.current_agent()
    assert chosen is not None
    assert chosen.hostname == before[3]
    assert watch.from_cache

    rmm.fleet.machines.reverse()
    gone = next(machine for machine in rmm.fleet.machines if machine.hostname == before[1])
    rmm.fleet.machines.remove(gone)
    renamed = next(machine for machine in rmm.fleet.machines if machine.hostname == before[3])
    renamed.hostname = "ZZ-RENAMED"
    rmm.api.release()
    console.until(lambda: not watch.from_cache, "the fresh list did not come")
    console.until(lambda: hosts(console)[0] == "ZZ-RENAMED", lambda: f"the fresh rows are not shown: {hosts(console)}")
    assert field.text() == "windows"
    after = hosts(console)
    assert after == sorted(after, key=str.casefold, reverse=True)
    assert set(after) == {*before, "ZZ-RENAMED"} - {before[1], before[3]}
    current = page.table.current_agent()
    assert current is not None
    assert current.agent_id == chosen.agent_id
    assert "from the last run" not in words(console)


def test_a_damaged_one_is_put_aside_and_said(desk: Desk, rmm: Rmm) -> None:
    before = earlier_run(desk, rmm)
    (path,) = files(desk)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    console = opened(desk)
    console.until(lambda: not console.agents.watch.busy, "the list was not loaded")
    assert hosts(console) == before
    assert "The last list of agents could not be opened." in words(console)
    assert "It was put aside, and the list is loaded from the server." in words(console)
    console.until(lambda: len(files(desk)) == 2, "the fresh list was not kept")
    aside = next(each for each in files(desk) if each.name.endswith(".damaged"))
    assert aside.read_bytes() == bytes(content)
    desk.end(console)
    again = opened(desk)
    assert "could not be opened" not in words(again)


def test_one_of_another_server_is_put_aside_too(desk: Desk, rmm: Rmm) -> None:
    earlier_run(desk, rmm)
    (path,) = files(desk)
    with Rmm(rmm.mesh, agents=5) as other:
        console = desk.start()
        choose(console, "Add")
        SignInDesk(console).sign_in(other, keep=True)
        console.until(lambda: len(files(desk)) == 2, "the other server's list was not kept")
        (foreign,) = (each for each in files(desk) if each != path)
        desk.end(console)
        path.write_bytes(foreign.read_bytes())
        desk.prefer(last_server=path.stem)
        console = opened(desk)
        console.until(lambda: not console.agents.watch.busy, "the list was not loaded")
        assert len(hosts(console)) > 20, "agents of another server are shown"
        assert "could not be opened" in words(console)


def test_a_key_that_somebody_removed_costs_the_list_and_nothing_else(desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
    before = earlier_run(desk, rmm)
    (path,) = files(desk)
    kept.remove_list_key(path.stem)
    console = opened(desk)
    console.until(lambda: not console.agents.watch.busy, "the list was not loaded")
    assert hosts(console) == before
    assert "could not be opened" in words(console)
    console.until(lambda: kept.list_key(path.stem) is not None, "no new key was made")


def test_signing_out_removes_the_file_and_its_key(desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
    console = desk.start()
    SignInDesk(console).sign_in(rmm, keep=True)
    server = server_id(console)
    console.until(lambda: len(files(desk)) == 1, "the list was not kept")
    assert kept.list_key(server)
    choose(console, "Sign out of")
    SignInDesk(console).at(Step.CREDENTIALS)
    console.until(lambda: files(desk) == [], "the list is still there")
    console.until(lambda: kept.list_key(server) is None, "its key is still in the keyring")
    desk.end(console)
    assert files(desk) == []


def test_who_does_not_stay_signed_in_leaves_no_list(desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
    console = desk.start()
    SignInDesk(console).sign_in(rmm, keep=False)
    console.agents.watch.refresh()
    console.until(lambda: not console.agents.watch.busy, "the list was not loaded again")
    server = server_id(console)
    desk.end(console)
    assert files(desk) == []
    assert kept.list_key(server) is None
