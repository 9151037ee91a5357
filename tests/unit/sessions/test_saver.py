import pytest
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.sessions.saver import Saver
from tests.unit.sessions.parts import Held


class Office:
    """A disk that is full while `full` is set, and what was written."""

    def __init__(self) -> None:
        self.disk = Held()
        self.full = False
        self.written: list[str] = []
        self.said: list[str] = []
        self.saver = Saver(self.disk)
        self.saver.failed.connect(lambda problem: self.said.append(problem.what))

    def save(self, text: str) -> None:
        def write() -> None:
            if self.full:
                raise Problem("full")
            self.written.append(text)

        self.saver.save(write)
        self.disk.go()


@pytest.fixture
def office(qtbot: QtBot) -> Office:
    return Office()


def test_what_could_not_be_saved_is_said_once_and_tried_again(office: Office) -> None:
    office.full = True
    office.save("one")
    office.save("two")
    assert office.said == ["full"]
    office.full = False
    assert office.saver._again.isActive()
    office.saver._again.timeout.emit()
    office.disk.go()
    assert office.written == ["two"], "the latest alone"
    assert not office.saver._again.isActive()


def test_after_it_worked_the_next_failure_is_said(office: Office) -> None:
    for full in (True, False, True):
        office.full = full
        office.save("x")
    assert office.said == ["full", "full"]


def test_an_older_state_is_not_written_over_a_newer_one(office: Office) -> None:
    office.full = True
    office.save("old")
    office.full = False
    office.save("new")
    office.saver._again.timeout.emit()
    office.disk.go()
    assert office.written == ["new"]
