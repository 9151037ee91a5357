"""“Tell me when”: what makes it true, what outlasts the console, and what ends it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.rmm.models import Agent, AgentStatus, Checks
from console.sessions.agent_watches import AgentWatches, AgentWatchFile, Awaited, Told, Watched
from console.work import Runner
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Held, Inline, far_server
from tests.unit.sessions.test_fleet_watch import FIRST, SECOND, Watching

ONLINE, OFFLINE, OVERDUE = AgentStatus.ONLINE, AgentStatus.OFFLINE, AgentStatus.OVERDUE
BOOT = 1_700_000_000.0


class Desk(Watching):
    """A watch over a server with two agents, and what is told of them."""

    def __init__(self, far: object, runner: Held) -> None:
        super().__init__(far, runner)  # type: ignore[arg-type]
        self.server_id = self.far.connection.server.id
        self.watches = AgentWatches()
        self.heard: list[tuple[Told, ...]] = []
        self.watches.happened.connect(self.heard.append)
        self.watches.attach(self.watch)

    def see(self, **fields: object) -> None:
        """The next list, with these fields of the first agent."""
        first = {"agent_id": FIRST, "hostname": "one", "client_name": "Acme", "status": "online", "boot_time": BOOT}
        self.lists([{**first, **fields}, {"agent_id": SECOND, "hostname": "two", "status": "online"}])
        self.refresh()

    def tell_when(self, awaited: Awaited, agent_id: str = FIRST) -> list[Watched]:
        return self.watches.add(self.server_id, [self.watch.store[agent_id]], awaited)

    @property
    def happened(self) -> list[tuple[str, Awaited, bool]]:
        return [(told.watched.hostname, told.watched.awaited, told.gone) for group in self.heard for told in group]


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    runner = Held()
    with far_server(runner) as far:
        made = Desk(far, runner)
        made.lists([])
        made.watch.start()
        runner.go()
        yield made
        made.watch.stop()


CASES: list[tuple[Awaited, dict[str, object], list[dict[str, object]]]] = [
    (Awaited.ONLINE, {"status": "offline"}, [{"status": "overdue"}, {"status": "online"}]),
    (Awaited.OFFLINE, {"status": "online"}, [{"hostname": "x"}, {"status": "offline"}]),
    (Awaited.OFFLINE, {"status": "online"}, [{"status": "overdue"}]),
    (Awaited.REBOOTED, {}, [{"status": "offline"}, {}, {"boot_time": BOOT + 10}, {"boot_time": BOOT + 300}]),
    (Awaited.REBOOTED, {"status": "offline"}, [{}, {"boot_time": BOOT + 300, "status": "offline"},
                                               {"boot_time": BOOT + 300}]),
    (Awaited.REBOOTED, {"boot_time": None}, [{"boot_time": None}, {"boot_time": None, "status": "offline"},
                                             {"boot_time": BOOT}]),
    (Awaited.CHECKS, {"checks": {"total": 3, "failing": 1}}, [{"checks": {"total": 3, "warning": 1}},
                                                            {"checks": {"total": 0}}, {"checks": None},
                                                            {"checks": {"total": 3, "passing": 3}}]),
]  # fmt: skip


@pytest.mark.parametrize(("awaited", "at_first", "then"), CASES)
def test_it_is_told_once_and_not_before(
    desk: Desk, awaited: Awaited, at_first: dict[str, object], then: list[dict[str, object]]
) -> None:
    desk.see(**at_first)
    assert desk.tell_when(awaited)
    for fields in then[:-1]:
        desk.see(**fields)
        assert desk.heard == [], fields
    desk.see(**then[-1])
    assert [(awaited, gone) for _, awaited, gone in desk.happened] == [(awaited, False)]
    assert desk.watches.watched == []
    desk.see(**at_first)
    desk.see(**then[-1])
    assert len(desk.heard) == 1


def test_what_is_so_already_is_not_watched_for(desk: Desk) -> None:
    desk.see(checks={"total": 2, "passing": 2})
    assert desk.tell_when(Awaited.ONLINE) == []
    assert desk.tell_when(Awaited.CHECKS) == []
    assert len(desk.tell_when(Awaited.OFFLINE)) == 1
    assert desk.tell_when(Awaited.OFFLINE) == [], "it is watched for already"
    assert len(desk.tell_when(Awaited.REBOOTED)) == 1


@pytest.mark.parametrize(
    ("awaited", "agent", "already"),
    [
        (Awaited.ONLINE, named("a", status=ONLINE), True),
        (Awaited.OFFLINE, named("a", status=OVERDUE), True),
        (Awaited.OFFLINE, named("a", status=AgentStatus.UNKNOWN), False),
        (Awaited.CHECKS, named("a", checks=Checks()), False),
        (Awaited.CHECKS, named("a", checks=Checks(total=1, info=1)), True),
        (Awaited.REBOOTED, named("a", status=ONLINE), False),
    ],
)
def test_what_is_so_already(awaited: Awaited, agent: Agent, already: bool) -> None:
    assert awaited.already(agent) is already


def test_several_at_once_are_told_together(desk: Desk) -> None:
    desk.see()
    desk.tell_when(Awaited.OFFLINE)
    desk.tell_when(Awaited.OFFLINE, SECOND)
    desk.lists([{"agent_id": FIRST, "status": "offline"}, {"agent_id": SECOND, "status": "overdue"}])
    desk.refresh()
    assert len(desk.heard) == 1
    assert [name for name, _, _ in desk.happened] == ["one", "two"]
    assert [told.watched.hostname for told in desk.watches.ended] == ["one", "two"]
    desk.watches.put_away(desk.watches.ended[:1])
    assert [told.watched.hostname for told in desk.watches.ended] == ["two"]


def test_one_that_is_deleted_is_said(desk: Desk) -> None:
    desk.see()
    desk.tell_when(Awaited.OFFLINE)
    desk.lists([{"agent_id": SECOND}])
    desk.refresh()
    assert desk.happened == [("one", Awaited.OFFLINE, True)]
    assert desk.watches.watched == []


def test_one_whose_row_is_bad_or_a_list_without_anything_is_not_deleted(desk: Desk) -> None:
    desk.see()
    desk.tell_when(Awaited.OFFLINE)
    desk.lists([{"agent_id": FIRST, "status": 5}, {"agent_id": SECOND}])
    desk.refresh()
    assert desk.heard == []
    desk.lists([])
    desk.refresh()
    assert desk.heard == []
    desk.lists(500)
    desk.refresh()
    assert desk.heard == []
    assert len(desk.watches.watched) == 1


def test_watched_agents_are_asked_for_sooner(desk: Desk) -> None:
    desk.see(status="offline")
    watched = desk.tell_when(Awaited.ONLINE)
    desk.detail(FIRST, status="online", hostname="one")
    desk.later(15)
    assert desk.asked[-1] == f"/agents/{FIRST}/"
    assert desk.happened == [("one", Awaited.ONLINE, False)]
    asked = len(desk.asked)
    desk.later(15)
    assert len(desk.asked) == asked, "nobody waits for it any more"
    assert watched


def test_removed_ones_are_not_told(desk: Desk) -> None:
    desk.see()
    desk.watches.remove(desk.tell_when(Awaited.OFFLINE))
    desk.see(status="offline")
    assert desk.heard == []


def test_signing_out_forgets_what_was_watched_there(desk: Desk) -> None:
    desk.see()
    desk.tell_when(Awaited.OFFLINE)
    desk.tell_when(Awaited.OFFLINE, SECOND)
    desk.lists([{"agent_id": FIRST, "status": "offline"}, {"agent_id": SECOND, "status": "online"}])
    desk.refresh()
    assert desk.watches.ended
    desk.watches.signed_out(desk.server_id)
    assert desk.watches.watched == []
    assert desk.watches.ended == []


class TestTheFile:
    def start(self, path: Path, disk: Runner | None = None) -> AgentWatches:
        return AgentWatches(AgentWatchFile(path), disk or Inline())

    def test_it_outlasts_the_console(self, desk: Desk, tmp_path: Path) -> None:
        path = tmp_path / "watches.json"
        desk.see(status="offline")
        first = self.start(path)
        added = first.add(desk.server_id, [desk.watch.store[FIRST]], Awaited.ONLINE)
        again = self.start(path)
        assert again.watched == added
        heard: list[tuple[Told, ...]] = []
        again.happened.connect(heard.append)
        again.attach(desk.watch)
        desk.see()
        assert [told.watched for group in heard for told in group] == added
        assert self.start(path).watched == []

    def test_that_a_machine_went_away_is_remembered(self, desk: Desk, tmp_path: Path) -> None:
        path = tmp_path / "watches.json"
        desk.see(boot_time=None)
        first = self.start(path)
        first.attach(desk.watch)
        first.add(desk.server_id, [desk.watch.store[FIRST]], Awaited.REBOOTED)
        desk.see(status="offline", boot_time=None)
        again = self.start(path)
        heard: list[object] = []
        again.happened.connect(heard.append)
        again.attach(desk.watch)
        desk.see()
        assert len(heard) == 1

    def test_what_was_added_before_the_file_was_read_is_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "watches.json"
        self.start(path).add("one", [named("a", hostname="a")], Awaited.ONLINE)
        disk = Held()
        late = self.start(path, disk)
        late.add("one", [named("b", hostname="b")], Awaited.ONLINE)
        late.add("one", [named("a", hostname="a")], Awaited.ONLINE)
        disk.go()
        assert [one.agent for one in late.watched] == ["b", "a"]
        assert [one.agent for one in self.start(path).watched] == ["b", "a"]

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"watched": [{"server": 1}]}', b"\xff\x00"])
    def test_a_damaged_file_is_put_aside_and_said(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "watches.json"
        path.write_bytes(content)
        disk = Held()
        watches = self.start(path, disk)
        told: list[Problem] = []
        watches.told.connect(told.append)
        disk.go()
        assert [problem.what for problem in told] == [
            "The list of agents that you watch could not be read: the file is damaged."
        ]
        assert (tmp_path / "watches.json.damaged").read_bytes() == content
        watches.add("one", [named("a")], Awaited.ONLINE)
        disk.go()
        assert len(self.start(path).watched) == 1

    def test_nothing_but_names_and_times_is_written(self, tmp_path: Path) -> None:
        path = tmp_path / "watches.json"
        agent = named("a", hostname="pc", client_name="Acme", logged_username="jdoe", public_ip="192.0.2.1")
        self.start(path).add("one", [agent], Awaited.ONLINE)
        text = path.read_text(encoding="utf-8")
        assert "pc" in text
        assert "jdoe" not in text
        assert "192.0.2.1" not in text


def test_a_watch_has_a_key_of_its_own() -> None:
    one = Watched("s", "a", "h", "c", "t", Awaited.ONLINE, datetime.now(UTC))
    assert one.key == ("s", "a", Awaited.ONLINE)
