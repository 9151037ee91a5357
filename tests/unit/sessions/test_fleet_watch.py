import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot
from werkzeug.wrappers import Response

from console.fleet.cache import Extras, Kept
from console.fleet.store import Diff
from console.problem import Problem
from console.rmm.errors import NotAllowed, ServerFailed, SignInAgain, Throttled
from console.rmm.models import Agent, AgentStatus
from console.sessions.fleet_watch import FleetWatch, NowEmpty
from console.sessions.refresh_pace import RefreshPace
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.parts import Far, Held, far_server
from tests.unit.sessions.sealing import Lists

FIRST, SECOND, THIRD = "A" * 40, "B" * 40, "C" * 40


class Watching:
    """A watch whose calls wait until `go`, on a clock of its own, and what it said."""

    def __init__(self, far: Far, runner: Held, lists: Lists | None = None) -> None:
        self.far = far
        self.runner = runner
        self.now = 1000.0
        self.watch = FleetWatch(far.connection, lists=lists.lists if lists else None, clock=lambda: self.now)
        self.diffs: list[Diff] = []
        self.problems: list[Problem] = []
        self.busy: list[bool] = []
        self.watch.updated.connect(self.diffs.append)
        self.watch.failed.connect(self.problems.append)
        self.watch.busy_changed.connect(self.busy.append)

    def lists(self, *lists: object) -> None:
        """What the RMM answers in turn: rows, a status, or a whole answer."""
        self.far.api.answers["/agents/"] = [
            each
            if isinstance(each, Response)
            else answer({"detail": "no"}, each)
            if isinstance(each, int)
            else answer(each)
            for each in lists
        ]

    def detail(self, agent_id: str, **fields: object) -> None:
        self.far.api.answers[f"/agents/{agent_id}/"] = [answer({"agent_id": agent_id, **fields})]

    def refresh(self, took: float = 0.0) -> None:
        """Asks and has it answered after so many seconds."""
        self.watch.refresh()
        self.now += took
        self.runner.go()

    @property
    def pause(self) -> float:
        """Seconds until it asks again by itself; 0 when it does not."""
        return self.watch._timer.interval() / 1000 if self.watch._timer.isActive() else 0.0

    def later(self, seconds: float) -> None:
        """That time goes by, and whatever is due by then is asked for."""
        self.now += seconds
        if self.pause and seconds >= self.pause - 0.1:
            self.watch._timer.stop()
            self.watch._due()
        self.watch._questions.ask()
        self.runner.go()

    @property
    def asked(self) -> list[str]:
        return [path for _, path in self.far.api.asked]


@pytest.fixture
def watching(qtbot: QtBot) -> Iterator[Watching]:
    runner = Held()
    with far_server(runner) as far:
        made = Watching(far, runner)
        made.lists([{"agent_id": FIRST, "hostname": "one"}])
        yield made
        made.watch.stop()


class TestTheList:
    def test_it_is_asked_for_at_once_and_every_minute(self, watching: Watching) -> None:
        before = datetime.now(UTC)
        watching.watch.start()
        assert watching.watch.busy
        watching.runner.go()
        assert not watching.watch.busy
        assert watching.busy == [True, False]
        assert watching.diffs == [Diff(frozenset({FIRST}), frozenset(), frozenset())]
        assert watching.watch.as_of is not None
        assert before <= watching.watch.as_of <= datetime.now(UTC)
        assert watching.watch.by_id()[FIRST].hostname == "one"
        assert watching.pause == pytest.approx(60, abs=0.1)
        assert watching.watch.next_try is not None

    def test_the_clock_asks_again(self, qtbot: QtBot) -> None:
        runner = Held()
        with far_server(runner) as far:
            far.api.answers["/agents/"] = [answer([])]
            watch = FleetWatch(far.connection, pace=RefreshPace(every=0.001))
            watch.start()

            def asked_thrice() -> bool:
                runner.go()
                return far.asked("/agents/") >= 3

            qtbot.waitUntil(asked_thrice, timeout=30_000)
            watch.stop()

    def test_one_question_at_a_time(self, watching: Watching) -> None:
        watching.watch.start()
        watching.watch.refresh()
        watching.watch._due()
        watching.runner.go()
        assert watching.asked == ["/agents/"]

    def test_a_refresh_says_what_changed(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST, "hostname": "one"}], [{"agent_id": SECOND}])
        watching.refresh()
        watching.refresh()
        assert watching.diffs[1] == Diff(frozenset({SECOND}), frozenset({FIRST}), frozenset())

    def test_what_comes_after_the_end_is_dropped(self, watching: Watching) -> None:
        watching.watch.start()
        watching.watch.stop()
        watching.runner.go()
        assert watching.diffs == []
        assert len(watching.watch.store) == 0
        assert not watching.watch.busy
        assert not watching.pause

    def test_a_list_that_is_suddenly_empty_is_taken_and_said_until_it_is_not(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST}], [], [], [{"agent_id": FIRST}])
        watching.refresh()
        assert watching.watch.notice is None
        watching.refresh()
        assert len(watching.watch.store) == 0
        assert isinstance(watching.watch.notice, NowEmpty)
        assert "There were 1 before." in watching.watch.notice.advice
        watching.refresh()
        assert isinstance(watching.watch.notice, NowEmpty)
        watching.refresh()
        assert watching.watch.notice is None


class TestPace:
    def test_a_slow_server_is_left_alone_for_four_times_as_long(self, watching: Watching) -> None:
        watching.watch.start()
        watching.now += 30
        watching.runner.go()
        assert watching.pause == pytest.approx(120, abs=0.1)

    def test_pauses_after_failures_grow_and_a_good_list_ends_them(self, watching: Watching) -> None:
        watching.lists(*[500] * 8, [])
        pauses = []
        for _ in range(8):
            watching.refresh()
            pauses.append(watching.pause)
        for pause, least in zip(pauses, (15, 30, 60, 120, 240, 480, 600, 600), strict=True):
            assert least <= pause <= least * 1.1 + 0.1
        assert watching.watch.next_try is not None
        left = watching.watch.next_try - datetime.now(UTC)
        assert timedelta(seconds=590) < left < timedelta(seconds=661)
        watching.refresh()
        assert watching.pause == pytest.approx(60, abs=0.1)

    def test_a_server_that_asks_to_wait_is_not_asked_before_even_by_hand(self, watching: Watching) -> None:
        watching.lists(answer({"detail": "slowly"}, 429, Retry_After="900"), [])
        watching.refresh()
        assert isinstance(watching.watch.problem, Throttled)
        assert watching.pause == pytest.approx(900, abs=0.1)
        watching.now += 899
        watching.refresh()
        assert watching.asked == ["/agents/"]
        assert watching.pause
        watching.now += 2
        watching.refresh()
        assert watching.asked == ["/agents/"] * 2
        assert watching.watch.problem is None

    def test_no_right_to_the_list_is_not_tried_every_few_seconds(self) -> None:
        assert RefreshPace().after_failure(NotAllowed("no"), 1, 0.0) >= 600

    def test_consoles_do_not_come_back_together(self) -> None:
        random.seed(1)
        pauses = {RefreshPace().after_failure(Problem("x"), 3, 0.0) for _ in range(20)}
        assert len(pauses) > 10
        assert max(pauses) - min(pauses) > 1

    def test_a_server_that_was_late_is_not_asked_soon(self) -> None:
        assert RefreshPace().after_failure(Problem("x"), 1, 60.0) >= 240


class TestUnseen:
    def test_a_window_that_is_away_for_long_stops_the_list_until_it_is_back(self, watching: Watching) -> None:
        watching.watch.start()
        watching.runner.go()
        watching.watch.seen(False)
        for _ in range(4):
            watching.later(61)
        assert len(watching.asked) == 5
        assert not watching.watch.paused
        for _ in range(4):
            watching.later(61)
        assert watching.watch.paused
        assert len(watching.asked) == 5
        assert watching.watch.next_try is None
        watching.watch.seen(True)
        watching.runner.go()
        assert len(watching.asked) == 6
        assert watching.pause

    def test_one_that_comes_back_soon_asks_for_nothing_more(self, watching: Watching) -> None:
        watching.watch.start()
        watching.runner.go()
        watching.watch.seen(False)
        watching.now += 30
        watching.watch.seen(True)
        watching.runner.go()
        assert len(watching.asked) == 1

    def test_watched_agents_are_asked_for_all_the_same(self, watching: Watching) -> None:
        watching.watch.start()
        watching.runner.go()
        watching.detail(FIRST, status="offline")
        watching.watch.watch_also("test", {FIRST})
        watching.watch.seen(False)
        watching.now += 1000
        watching.later(16)
        assert watching.watch.paused
        assert watching.asked[-1] == f"/agents/{FIRST}/"


class TestSooner:
    def test_an_agent_is_asked_for_on_its_own_and_keeps_what_that_call_does_not_tell(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST, "status": "online", "logged_username": "ann", "hostname": "one"}])
        watching.detail(FIRST, status="offline", client="New client", site=7, site_name="Here", mesh_node_id="")
        watching.watch.start()
        watching.runner.go()
        watching.watch.watch_also("test", {FIRST})
        watching.later(14)
        assert len(watching.asked) == 1
        watching.later(1.5)
        assert watching.asked == ["/agents/", f"/agents/{FIRST}/"]
        agent = watching.watch.by_id()[FIRST]
        assert (agent.status, agent.client_name, agent.site_name) == (AgentStatus.OFFLINE, "New client", "Here")
        assert (agent.logged_username, agent.hostname) == ("ann", "one")
        assert watching.diffs[-1] == Diff(frozenset(), frozenset(), frozenset({FIRST}))
        assert watching.watch.without_mesh == {FIRST}
        watching.later(14)
        assert len(watching.asked) == 2
        watching.later(2)
        assert len(watching.asked) == 3

    def test_one_of_them_at_a_time_and_the_longest_waiting_first(self, watching: Watching) -> None:
        watching.lists([{"agent_id": agent_id} for agent_id in (FIRST, SECOND, THIRD)])
        for agent_id in (FIRST, SECOND, THIRD):
            watching.detail(agent_id)
        watching.watch.start()
        watching.runner.go()
        watching.watch.watch_also("test", {SECOND})
        watching.now += 5
        watching.watch.watch_also("more", {FIRST, THIRD})
        watching.now += 20
        watching.watch._questions.ask()
        watching.watch._questions.ask()
        assert len(watching.runner.waiting) == 1
        watching.runner.go()
        watching.watch._questions.ask()
        watching.runner.go()
        watching.watch._questions.ask()
        watching.runner.go()
        watching.watch._questions.ask()
        watching.runner.go()
        assert watching.asked == ["/agents/", *(f"/agents/{agent_id}/" for agent_id in (SECOND, FIRST, THIRD))]

    def test_nobody_wants_it_any_more(self, watching: Watching) -> None:
        watching.watch.start()
        watching.runner.go()
        watching.watch.watch_also("test", {FIRST})
        watching.watch.watch_also("test", ())
        watching.later(30)
        assert watching.asked == ["/agents/"]

    def test_a_list_that_was_asked_for_before_does_not_undo_what_was_told_since(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST, "status": "online"}])
        watching.detail(FIRST, status="overdue")
        watching.refresh()
        watching.watch.start()  # asks for the list
        watching.watch.watch_also("test", {FIRST})
        watching.now += 16
        watching.watch._questions.ask()
        watching.runner.waiting.reverse()  # the agent's answer comes first
        watching.runner.go()
        assert watching.asked[-2:] == [f"/agents/{FIRST}/", "/agents/"]
        assert watching.watch.by_id()[FIRST].status is AgentStatus.OVERDUE
        watching.refresh()
        assert watching.watch.by_id()[FIRST].status is AgentStatus.ONLINE

    @pytest.mark.parametrize("status", [404, 403])
    def test_one_that_is_gone_is_not_asked_for_until_a_list_has_it(self, watching: Watching, status: int) -> None:
        watching.far.api.answers[f"/agents/{FIRST}/"] = [answer({"detail": "no"}, status)]
        watching.watch.start()
        watching.runner.go()
        watching.watch.watch_also("test", {FIRST})
        watching.later(16)
        watching.later(16)
        watching.later(16)
        assert watching.asked == ["/agents/", f"/agents/{FIRST}/"]
        watching.later(61)
        watching.later(16)
        assert watching.asked == ["/agents/", f"/agents/{FIRST}/", "/agents/", f"/agents/{FIRST}/"]
        assert watching.problems == []

    def test_a_failing_server_is_asked_less_often(self, watching: Watching) -> None:
        watching.far.api.answers[f"/agents/{FIRST}/"] = [answer({"detail": "no"}, 500)]
        watching.watch.start()
        watching.runner.go()
        watching.watch.watch_also("test", {FIRST})
        moments: list[int] = []
        for second in range(100):
            watching.now += 1
            watching.watch._questions.ask()
            watching.runner.go()
            if len(watching.asked) - 1 > len(moments):
                moments.append(second)
        assert len(moments) == 3
        assert moments[2] - moments[1] > moments[1] - moments[0]

    def test_the_selected_client_is_asked_for_by_itself(self, watching: Watching) -> None:
        watching.lists(
            [{"agent_id": FIRST, "hostname": "one"}, {"agent_id": SECOND, "hostname": "two"}],
            [{"agent_id": FIRST, "hostname": "changed"}, {"agent_id": THIRD}],
        )
        watching.watch.start()
        watching.runner.go()
        watching.watch.select_client(7)
        watching.later(21)
        assert watching.far.api.queries[-1] == "client=7"
        assert {agent.hostname for agent in watching.watch.store.agents()} == {"changed", "two", ""}
        assert watching.pause == pytest.approx(60, abs=0.1), "the whole list comes as it would have"
        watching.watch.select_client(None)
        watching.later(30)
        assert len(watching.asked) == 2


class TestFailures:
    @pytest.mark.parametrize(("status", "kind"), [(500, ServerFailed), (401, SignInAgain)])
    def test_the_last_list_is_kept(self, watching: Watching, status: int, kind: type[Problem]) -> None:
        watching.lists([{"agent_id": FIRST, "hostname": "one"}], status, [{"agent_id": FIRST, "hostname": "new"}])
        watching.refresh()
        as_of = watching.watch.as_of
        watching.refresh()
        assert [type(problem) for problem in watching.problems] == [kind]
        assert watching.watch.problem is watching.problems[0]
        assert watching.watch.as_of == as_of
        assert watching.watch.by_id()[FIRST].hostname == "one"
        assert not watching.watch.busy
        watching.refresh()
        assert watching.watch.problem is None
        assert watching.watch.by_id()[FIRST].hostname == "new"

    def test_an_agent_whose_row_is_bad_this_time_stays_as_it_was(self, watching: Watching) -> None:
        good = [{"agent_id": agent_id, "hostname": "good"} for agent_id in (FIRST, SECOND)]
        watching.lists(good, [{"agent_id": FIRST, "hostname": 5}, {"agent_id": SECOND, "hostname": "new"}], good)
        watching.refresh()
        watching.refresh()
        assert {agent.hostname for agent in watching.watch.store.agents()} == {"good", "new"}
        assert watching.watch.bad_rows == 1
        assert (watching.watch.stale(FIRST), watching.watch.stale(SECOND)) == (True, False)
        assert watching.watch.fresh(FIRST) is None
        watching.refresh()
        assert watching.watch.bad_rows == 0
        assert not watching.watch.stale(FIRST)

    def test_one_whose_bad_row_does_not_even_say_whose_it_is_stays_too(self, watching: Watching) -> None:
        both = [{"agent_id": FIRST}, {"agent_id": SECOND}]
        watching.lists(both, [{"agent_id": FIRST}, None], [{"agent_id": FIRST}])
        watching.refresh()
        watching.refresh()
        assert set(watching.watch.by_id()) == {FIRST, SECOND}
        assert watching.watch.stale(SECOND)
        watching.refresh()
        assert set(watching.watch.by_id()) == {FIRST}

    def test_but_not_more_agents_than_there_are_bad_rows(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST}, {"agent_id": SECOND}, {"agent_id": THIRD}], [{"agent_id": FIRST}, None])
        watching.refresh()
        watching.refresh()
        assert set(watching.watch.by_id()) == {FIRST}

    def test_a_list_of_bad_rows_alone_is_no_list(self, watching: Watching) -> None:
        watching.lists([{"agent_id": FIRST}], [None, 5])
        watching.refresh()
        as_of = watching.watch.as_of
        watching.refresh()
        assert watching.watch.problem is not None
        assert "each of its 2 rows" in watching.watch.problem.what
        assert watching.watch.as_of == as_of
        assert set(watching.watch.by_id()) == {FIRST}


SEALED = Kept(
    datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
    (Agent(agent_id=FIRST, hostname="sealed", status=AgentStatus.ONLINE), Agent(agent_id=SECOND)),
    3,
    Extras(frozenset({SECOND}), {FIRST: "ab" * 48}),
)


class TestSealed:
    @pytest.fixture
    def sealed(self, qtbot: QtBot, lists: Lists) -> Iterator[Watching]:
        runner = Held()
        with far_server(runner) as far:
            lists.save(far.connection.server.id, SEALED)
            made = Watching(far, runner, lists)
            made.lists([{"agent_id": FIRST, "hostname": "fresh"}])
            yield made
            made.watch.stop()

    def test_it_is_shown_as_what_it_is_until_the_server_answers(self, sealed: Watching, lists: Lists) -> None:
        sealed.watch.start()
        assert not sealed.watch.busy
        lists.go()
        assert sealed.watch.from_cache
        assert sealed.pause == pytest.approx(0.2, abs=0.01), "it is painted before the server is asked"
        assert (sealed.watch.as_of, sealed.watch.bad_rows) == (SEALED.as_of, 3)
        assert sealed.watch.by_id()[FIRST].hostname == "sealed"
        assert sealed.watch.stale(FIRST)
        assert sealed.watch.fresh(FIRST) is None
        assert sealed.watch.kept() is None, "an old list is not kept as a new one"
        assert (sealed.watch.without_mesh, sealed.watch.nodes) == ({SECOND}, {FIRST: "ab" * 48})
        sealed.later(0.3)
        assert not sealed.watch.from_cache
        assert {agent.hostname for agent in sealed.watch.store.agents()} == {"fresh"}
        assert sealed.diffs[-1] == Diff(frozenset(), frozenset({SECOND}), frozenset({FIRST}))
        assert not sealed.watch.stale(FIRST)

    def test_it_stays_with_its_age_while_the_server_fails(self, sealed: Watching, lists: Lists) -> None:
        sealed.lists(500)
        sealed.watch.start()
        lists.go()
        sealed.later(0.3)
        assert sealed.watch.problem is not None
        assert sealed.watch.from_cache
        assert sealed.watch.as_of == SEALED.as_of
        assert len(sealed.watch.store) == 2

    def test_one_that_comes_after_the_server_s_list_is_too_late(self, sealed: Watching, lists: Lists) -> None:
        sealed.watch.start()
        assert sealed.pause == pytest.approx(1, abs=0.01), "it does not wait for the keyring for ever"
        sealed.later(1)
        lists.go()
        assert not sealed.watch.from_cache
        assert {agent.hostname for agent in sealed.watch.store.agents()} == {"fresh"}

    def test_an_agent_that_is_asked_for_on_its_own_is_fresh(self, sealed: Watching, lists: Lists) -> None:
        sealed.lists(500)
        sealed.detail(FIRST, status="offline")
        sealed.watch.start()
        lists.go()
        sealed.later(0.3)
        sealed.watch.watch_also("test", {FIRST})
        sealed.later(15.5)
        assert not sealed.watch.stale(FIRST)
        assert sealed.watch.stale(SECOND)
        fresh = sealed.watch.fresh(FIRST)
        assert fresh is not None
        assert (fresh.status, fresh.hostname) == (AgentStatus.OFFLINE, "sealed")

    def test_a_damaged_one_is_said(self, sealed: Watching, lists: Lists) -> None:
        lists.file(sealed.far.connection.server.id).write_bytes(b"rubbish")
        sealed.watch.start()
        lists.go()
        sealed.runner.go()
        assert sealed.watch.notice is not None
        assert "could not be opened" in sealed.watch.notice.what
        assert sealed.watch.problem is None
        assert len(sealed.watch.store) == 1
        sealed.watch.dismiss_notice()
        assert sealed.watch.notice is None

    def test_a_fresh_list_is_sealed_with_what_was_learnt(self, sealed: Watching, lists: Lists) -> None:
        server_id = sealed.far.connection.server.id
        sealed.watch.start()
        lists.go()
        sealed.watch.learn_node(FIRST, "")
        sealed.later(0.3)
        lists.go()
        kept = lists.load(server_id)
        assert kept is not None
        assert kept.as_of == sealed.watch.as_of
        assert kept.agents == tuple(sealed.watch.store.agents())
        assert kept.extras == Extras(frozenset({FIRST}), {})
