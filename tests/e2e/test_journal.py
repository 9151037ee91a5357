"""The journal of real sessions: its rows, its file, the note in the RMM, and what happens when something breaks."""

import contextlib
import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMessageBox, QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.credentials import ApiKey
from console.servers import Way
from console.sessions.journal_entry import Ending, Entry, Query
from console.sessions.journal_store import UNEXPECTED, JournalStore
from console.sessions.session import Session
from console.ui.agents.page import AgentsPage
from console.ui.journal.closing_note import ClosingNote
from console.ui.journal.page import JournalPage
from console.vault.store import MemoryVault
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"
ROOT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
FILE = "journal.sqlite"


def rows(folder: Path) -> tuple[Entry, ...]:
    """What is in the file, read by another connection that changes nothing in it."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
        kept = JournalStore(folder / FILE)
        kept._connection = connection
        return kept.find(Query(), 100).entries


def the_row(console: Console, folder: Path, ended: bool = True) -> Entry:
    """The only row, once it is finished."""
    console.until(lambda: [row.ended is not None for row in rows(folder)] == [ended], "the row is not as wanted")
    return rows(folder)[0]


def terminal(console: Console, rmm: Rmm) -> Session:
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    return session


def close_by_hand(console: Console, hands: Hands) -> None:
    """A middle click on the tab, and the answer that the session shall end."""
    tabs = console.window.tabs.tabBar()
    hands.click(tabs, tabs.tabRect(tabs.count() - 1).center(), button=2)
    hands.click(console.wait_for_button("End the session"))
    console.until(lambda: not list(console.app.sessions), "the session was not closed")


def the_sheet(console: Console) -> ClosingNote:
    def sheets() -> list[ClosingNote]:
        return [one for one in console.window.findChildren(ClosingNote) if one.isActiveWindow()]

    console.until(lambda: bool(sheets()), "no note is asked for")
    return sheets()[0]


def words(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def boxes(console: Console) -> list[QMessageBox]:
    return [one for one in console.window.findChildren(QMessageBox) if one.isVisible()]


def journal_page(console: Console) -> JournalPage:
    console.app.journal_desk.show()
    page = console.app.journal_desk.page
    assert page is not None
    console.until(lambda: page.model.rowCount() > 0, "the page shows no rows")
    return page


def test_a_session_its_note_and_its_csv(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    desk.prefer(ask_note=True)
    console = desk.signed_in(rmm)
    data, agent = desk.places.data, rmm.live[0]
    terminal(console, rmm)
    running = the_row(console, data, ended=False)
    assert (running.host, running.kind, running.who) == (agent.hostname, "terminal", rmm.users.technician.name)
    close_by_hand(console, hands)
    row = the_row(console, data)
    assert (row.ending, row.how, row.server) == (Ending.CLOSED, "Closed by the technician.", "Test RMM")
    assert row.connected is not None
    assert row.ended is not None
    assert row.opened < row.connected < row.ended
    assert 0 < row.seconds <= (row.ended - row.opened).total_seconds()

    sheet = the_sheet(console)
    hands.type("=Toner, new driver")
    hands.press("ctrl+Return")
    console.until(lambda: bool(rmm.api.notes.of(agent.agent_id)), "the RMM got no note")
    (note,) = rmm.api.notes.of(agent.agent_id)
    assert (note.text, note.username) == ("=Toner, new driver", rmm.users.technician.name)
    console.until(lambda: the_row(console, data).note_in_rmm, "the row does not say so")
    console.until(lambda: not console.window.findChildren(ClosingNote), "the question stayed")
    del sheet

    page = journal_page(console)
    assert page.model.index(0, 1).data() == agent.hostname
    target = desk.folder / "out.csv"
    hands.click(console.button("Export…", page))
    dialogs = page.findChildren(QFileDialog)
    console.until(lambda: any(one.isActiveWindow() for one in dialogs), "no file is asked for")
    (line,) = dialogs[0].findChildren(QLineEdit)
    hands.click(line)
    hands.press("ctrl+a")
    hands.type(str(target))
    hands.press("Return")
    console.until(target.exists, "nothing was written")
    with target.open(encoding="utf-8-sig", newline="") as file:
        (read,) = list(csv.DictReader(file))
    assert read["Host name"] == agent.hostname
    assert read["Seconds connected"] == str(round(row.seconds))
    assert (read["Note"], read["Note in the RMM"], read["Ended how"]) == ("'=Toner, new driver", "yes", "closed")
    secrets = [rmm.users.technician.password.reveal(), *rmm.users._sessions]
    for secret in secrets:
        assert not any(secret.encode() in file.read_bytes() for file in data.iterdir())


def test_a_role_without_the_right_keeps_the_note_here(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    desk.prefer(ask_note=True)
    rmm.users.technician.role = replace(rmm.users.technician.role, lacks=frozenset({"can_manage_notes"}))
    console = desk.signed_in(rmm)
    terminal(console, rmm)
    close_by_hand(console, hands)
    sheet = the_sheet(console)
    hands.type("toner")
    hands.click(sheet.save)
    console.until(lambda: "can_manage_notes" in words(sheet), lambda: words(sheet))
    row = the_row(console, desk.places.data)
    assert (row.note, row.note_in_rmm) == ("toner", False)
    assert rmm.api.notes.of(rmm.live[0].agent_id) == []
    hands.press("Escape")
    console.until(lambda: not console.window.findChildren(ClosingNote), "the question stayed")

    rmm.users.technician.role = replace(rmm.users.technician.role, lacks=frozenset())
    page = journal_page(console)
    hands.click_row(page.table, page.model.index(0, 1))
    hands.click(console.wait_for_button("Add to the agent's notes", page))
    console.until(lambda: bool(rmm.api.notes.of(rmm.live[0].agent_id)), "it could not be sent again")
    console.until(lambda: the_row(console, desk.places.data).note_in_rmm, "the row does not say so")


def test_do_not_ask_again_is_remembered(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    desk.prefer(ask_note=True)
    console = desk.signed_in(rmm)
    terminal(console, rmm)
    close_by_hand(console, hands)
    sheet = the_sheet(console)
    hands.click(sheet.never, QPoint(8, sheet.never.height() // 2))
    hands.press("Escape")
    console.until(lambda: not console.window.preferences.ask_note, "it was not remembered")
    terminal(console, rmm)
    close_by_hand(console, hands)
    console.until(lambda: len(rows(desk.places.data)) == 2, "no row was written")
    assert console.window.findChildren(ClosingNote) == []


def test_with_an_api_key_the_technician_says_who_it_is_once(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.start(MemoryVault)
    server = rmm.server()
    server = msgspec.structs.replace(server, way=Way.API_KEY, username="")
    accounts = console.app.accounts
    accounts.put(server)
    key = ApiKey(rmm.users.key.secret)
    accounts.signed_in(server, key, None, lambda _: console.window.show_server(server), lambda _: None)
    console.until(lambda: isinstance(console.window.home.currentWidget(), AgentsPage))

    def lines() -> list[QLineEdit]:
        return [one for one in console.window.findChildren(QLineEdit) if one.accessibleName() == "Your name"]

    console.until(lambda: bool(lines()) and lines()[0].hasFocus(), "nobody is asked")
    hands.type("Bea")
    hands.press("Return")
    console.until(lambda: console.window.preferences.technician == "Bea", "the name was not remembered")
    console.until(lambda: console.agents.watch.as_of is not None, "the agents were not listed")
    terminal(console, rmm)
    console.until(lambda: [row.who for row in rows(desk.places.data)] == ["Bea"], "the name is not in the row")
    desk.end(console)
    again = desk.start(MemoryVault)
    again.app.accounts.signed_in(server, key, None, lambda _: again.window.show_server(server), lambda _: None)
    again.until(lambda: isinstance(again.window.home.currentWidget(), AgentsPage))
    again.until(lambda: again.agents.watch.as_of is not None, "the agents were not listed")
    assert not any(one.accessibleName() == "Your name" for one in again.window.findChildren(QLineEdit))
    assert again.app.journal.technician == "Bea"


def test_the_question_has_the_keyboard_although_another_session_comes_to_the_front(
    desk: Desk, rmm: Rmm, hands: Hands
) -> None:
    desk.prefer(ask_note=True)
    console = desk.signed_in(rmm)
    first = terminal(console, rmm)
    console.window.tabs.setCurrentIndex(0)
    terminal(console, rmm)
    tabs = console.window.tabs.tabBar()
    hands.click(tabs, tabs.tabRect(2).center(), button=2)
    hands.click(console.wait_for_button("End the session"))
    the_sheet(console)
    hands.type("toner")
    hands.press("ctrl+Return")
    console.until(lambda: bool(rmm.api.notes.of(rmm.live[0].agent_id)), "the note went elsewhere")
    assert rmm.api.notes.of(rmm.live[0].agent_id)[0].text == "toner"
    assert list(console.app.sessions) == [first]


def test_what_a_killed_console_left_is_finished_at_the_next_start(desk: Desk, rmm: Rmm) -> None:
    server, agent = rmm.server(), rmm.live[0]
    token, _ = rmm.users.new_token(rmm.users.technician)
    wanted = {
        "folder": str(desk.folder),
        "address": server.address,
        "pins": server.pins,
        "agent_id": agent.agent_id,
        "hostname": agent.hostname,
        "token": token,
    }
    environment = {**os.environ, "RUN": json.dumps(wanted), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.e2e.journal_run"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "connected\n"
        finally:
            run.kill()
    console = desk.start(MemoryVault)
    row = the_row(console, desk.places.data)
    assert (row.host, row.ending, row.how) == (agent.hostname, Ending.UNEXPECTED, UNEXPECTED)
    assert row.connected is not None
    assert row.ended == row.updated
    assert row.ended >= row.connected


def test_a_damaged_journal_is_put_aside_and_that_is_said(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    desk.places.data.mkdir(parents=True)
    (desk.places.data / FILE).write_bytes(b"no journal" * 500)
    said: list[str] = []

    def read() -> None:
        """The message takes the keyboard from the window that the desk waits for."""
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isActiveWindow():
                said.append(f"{box.text()} {box.informativeText()}")
                hands.press("Return")

    reader = QTimer(interval=200)
    reader.timeout.connect(read)
    reader.start()
    console = desk.signed_in(rmm)
    console.until(lambda: bool(said), "nothing was said")
    reader.stop()
    assert said == [
        "The journal's file is damaged, so a new journal was begun. "
        f"The old file was kept as {FILE}.damaged in {desk.places.data}."
    ]
    assert (desk.places.data / f"{FILE}.damaged").read_bytes() == b"no journal" * 500
    terminal(console, rmm)
    assert the_row(console, desk.places.data, ended=False).host == rmm.live[0].hostname


@pytest.fixture
def small_disk(desk: Desk) -> Iterator[Path]:
    folder = desk.places.data
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Writes until nothing more goes onto the disk."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"x" * 512)
    os.close(handle)


@needs_root
def test_a_full_disk_is_said_once_and_sessions_go_on(desk: Desk, rmm: Rmm, hands: Hands, small_disk: Path) -> None:
    console = desk.signed_in(rmm)
    console.until((small_disk / FILE).exists, "the journal was not begun")
    said: list[object] = []
    console.app.journal.trouble.connect(said.append)
    stuffing = small_disk / "stuffing"
    fill(stuffing)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.until(lambda: bool(boxes(console)), "nothing was said")
    (box,) = boxes(console)
    assert box.text() == "The journal cannot be written: the disk is full."
    hands.press("Return")
    console.until(lambda: not boxes(console), "the message stayed")
    console.connected(session)
    console.app.journal.tick()
    console.app.sessions.close(session)
    console.until(lambda: console.app.journal.problem is not None, "the problem was forgotten")
    stuffing.unlink()
    console.app.journal.tick()
    console.until(lambda: console.app.journal.problem is None, "the journal did not go on")
    row = the_row(console, small_disk)
    assert (row.ending, row.host) == (Ending.CLOSED, rmm.live[0].hostname)
    assert row.seconds > 0
    assert len(said) == 1
