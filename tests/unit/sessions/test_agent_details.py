"""What is asked about the agent that is looked at: when it comes to rest, part by part, few calls at once."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.sessions import agent_details
from console.sessions.agent_details import FRESH_SECONDS, AgentDetails, Part
from console.sessions.agent_notes import AgentNotes, Place
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.parts import Far, Held, far_server

FIRST, SECOND, THIRD = "A" * 40, "B" * 40, "C" * 40


class Looking:
    """Somebody who looks at agents, at a server whose calls wait until `runner.go`, on a clock of its own."""

    def __init__(self, far: Far, runner: Held) -> None:
        self.far, self.runner = far, runner
        self.now = 1000.0
        self.details = AgentDetails(clock=lambda: self.now)
        self.notes = AgentNotes(self.details)
        self.changed: list[Part] = []
        self.details.changed.connect(self.changed.append)
        for agent_id in (FIRST, SECOND, THIRD):
            name = {"agent_id": agent_id, "mesh_node_id": agent_id[0] * 96}
            far.api.answers[f"/agents/{agent_id}/"] = [answer(name) for _ in range(5)]
            check = {"id": 1, "readable_desc": f"of {agent_id[0]}", "check_result": {}}
            far.api.answers[f"/agents/{agent_id}/checks/"] = [answer([check]) for _ in range(5)]
            far.api.answers[f"/agents/{agent_id}/notes/"] = [answer([]) for _ in range(5)]

    def look_at(self, agent_id: str, *, rest: bool = True) -> None:
        self.details.select(self.far.connection, agent_id)
        if rest:
            self.come_to_rest()

    def come_to_rest(self) -> None:
        assert self.details._rest.isActive()
        self.details._rest.stop()
        self.details._ask()

    @property
    def asked(self) -> list[str]:
        return [f"{method} {path}" for method, path in self.far.api.asked]

    def value(self, part: Part) -> object:
        return self.details.state(part).value


@pytest.fixture
def looking(qtbot: QtBot) -> Iterator[Looking]:
    runner = Held()
    with far_server(runner) as far:
        yield Looking(far, runner)


def test_moving_along_the_list_asks_nothing_until_it_rests(looking: Looking, qtbot: QtBot) -> None:
    looking.details.want(Part.AGENT)
    for agent_id in (FIRST, SECOND, THIRD):
        looking.look_at(agent_id, rest=False)
        looking.runner.go()
    assert looking.asked == []
    assert looking.details.state(Part.AGENT).busy, "it is about to be asked"
    qtbot.waitUntil(lambda: bool(looking.runner.waiting))
    looking.runner.go()
    assert looking.asked == [f"GET /agents/{THIRD}/"]


def test_a_part_is_asked_for_when_it_is_looked_at(looking: Looking) -> None:
    looking.details.want(Part.AGENT)
    looking.look_at(FIRST)
    looking.runner.go()
    looking.details.want(Part.CHECKS)
    looking.runner.go()
    assert looking.asked == [f"GET /agents/{FIRST}/", f"GET /agents/{FIRST}/checks/"]
    assert looking.changed[-1] is Part.CHECKS


def test_what_came_within_a_minute_is_not_asked_for_again(looking: Looking) -> None:
    looking.details.want(Part.CHECKS)
    looking.look_at(FIRST)
    looking.runner.go()
    looking.look_at(SECOND)
    looking.runner.go()
    looking.now += FRESH_SECONDS
    looking.look_at(FIRST)
    assert looking.value(Part.CHECKS), "it is there at once"
    assert not looking.runner.waiting
    looking.now += 1
    looking.look_at(SECOND)
    looking.look_at(FIRST)
    assert looking.details.state(Part.CHECKS).busy
    assert looking.value(Part.CHECKS), "what was known stays until the answer comes"


def test_an_earlier_agent_s_answer_is_never_shown(looking: Looking) -> None:
    looking.details.want(Part.CHECKS)
    looking.look_at(FIRST)
    looking.look_at(SECOND, rest=False)
    looking.changed.clear()
    looking.runner.waiting.pop(0)()
    assert looking.value(Part.CHECKS) is None
    assert looking.changed == []
    looking.come_to_rest()
    looking.runner.go()
    assert "of B" in str(looking.value(Part.CHECKS))


def test_few_calls_are_under_way_at_once(looking: Looking) -> None:
    parts = (Part.AGENT, Part.CHECKS, Part.NOTES, Part.TASKS)
    looking.details.want(*parts)
    looking.look_at(FIRST)
    assert len(looking.runner.waiting) == agent_details._AT_ONCE
    assert all(looking.details.state(part).busy for part in parts)
    looking.look_at(SECOND)
    assert len(looking.runner.waiting) == agent_details._IN_ALL, "those for another agent cannot be called back"
    looking.runner.go()
    assert not any(f"{FIRST}/notes/" in path for path in looking.asked), "what had not begun is not asked any more"
    assert any(f"{SECOND}/notes/" in path for path in looking.asked)


def test_what_the_role_forbids_is_asked_for_once(looking: Looking) -> None:
    looking.far.api.answers[f"/agents/{FIRST}/checks/"] = [answer({"detail": "no"}, 403)]
    looking.details.want(Part.CHECKS)
    looking.look_at(FIRST)
    looking.runner.go()
    assert looking.details.state(Part.CHECKS).forbidden
    assert looking.details.forbidden() == {Part.CHECKS}
    looking.look_at(SECOND)
    looking.details.again(Part.CHECKS)
    looking.runner.go()
    assert looking.asked == [f"GET /agents/{FIRST}/checks/"]


def test_a_part_that_failed_is_asked_for_again(looking: Looking) -> None:
    failure = looking.far.api.answers[f"/agents/{FIRST}/checks/"] = [answer({"detail": "no"}, 404)]
    looking.details.want(Part.CHECKS)
    looking.look_at(FIRST)
    looking.runner.go()
    state = looking.details.state(Part.CHECKS)
    assert isinstance(state.problem, Problem)
    assert not state.busy
    failure[:] = [answer([])]
    looking.details.again(Part.CHECKS)
    assert looking.details.state(Part.CHECKS).busy
    looking.runner.go()
    assert looking.details.state(Part.CHECKS).problem is None
    assert looking.value(Part.CHECKS) == ()


def test_what_is_learnt_of_the_mesh_agent_is_told(looking: Looking) -> None:
    learnt: list[tuple[str, object]] = []
    looking.details.learnt.connect(lambda agent_id, node_id: learnt.append((agent_id, node_id)))
    looking.details.want(Part.AGENT)
    looking.look_at(FIRST)
    looking.runner.go()
    assert learnt == [(FIRST, "A" * 96)]


def placed(looking: Looking, number: int = 0) -> Place:
    place = looking.notes.place(number)
    assert place is not None
    return place


def test_a_note_is_sent_once_and_its_draft_is_over_then(looking: Looking) -> None:
    looking.far.api.answers["/agents/notes/"] = [answer("Note added!")]
    looking.details.want(Part.NOTES)
    looking.look_at(FIRST)
    looking.runner.go()
    place = placed(looking)
    looking.notes.write(place, " Printer moved. ")
    looking.notes.save(place)
    looking.notes.save(place)
    assert looking.notes.busy(place)
    looking.runner.go()
    assert looking.asked.count("POST /agents/notes/") == 1
    assert looking.asked.count(f"GET /agents/{FIRST}/notes/") == 2, "the list is asked for anew"
    assert looking.notes.draft(place) is None
    assert looking.notes.problem(place) is None


def test_what_was_typed_stays_when_it_could_not_be_saved_and_when_another_agent_is_looked_at(looking: Looking) -> None:
    looking.far.api.answers["/agents/notes/"] = [answer({"detail": "no"}, 403)]
    looking.details.want(Part.NOTES)
    looking.look_at(FIRST)
    place = placed(looking)
    looking.notes.write(place, "Printer moved.")
    looking.notes.save(place)
    looking.look_at(SECOND)
    looking.runner.go()
    other = placed(looking)
    assert looking.notes.draft(other) is None
    looking.look_at(FIRST)
    assert placed(looking) == place
    assert looking.notes.draft(place) == "Printer moved."
    assert looking.notes.problem(place) is not None
    looking.notes.write(place, "Printer moved again.")
    assert looking.asked.count("POST /agents/notes/") == 1


def test_what_is_written_while_a_note_is_saved_is_not_lost(looking: Looking) -> None:
    looking.far.api.answers["/agents/notes/"] = [answer("Note added!")]
    looking.look_at(FIRST)
    place = placed(looking)
    looking.notes.write(place, "One")
    looking.notes.save(place)
    looking.notes.write(place, "One and two")
    looking.runner.go()
    assert looking.notes.draft(place) == "One and two"


def test_a_note_is_changed_and_deleted(looking: Looking) -> None:
    looking.far.api.answers["/agents/notes/7/"] = [answer("Note edited!"), answer("Note was deleted!")]
    looking.look_at(FIRST)
    place = placed(looking, 7)
    looking.notes.write(place, "Better")
    looking.notes.save(place)
    looking.runner.go()
    looking.notes.delete(place)
    looking.runner.go()
    assert [path for path in looking.asked if "notes/7" in path] == ["PUT /agents/notes/7/", "DELETE /agents/notes/7/"]
