from collections.abc import Iterator

import pytest

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import ServerFailed
from console.rmm.models import MeshLinks
from console.sessions.links import FRESH_SECONDS, LinkSource, link_of
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.parts import AGENT_ID, Far, Held, far_server


class Asking:
    """A source with a clock of its own, and what it answered."""

    def __init__(self, far: Far, runner: Held) -> None:
        self.now = 1000.0
        self.far = far
        self.runner = runner
        self.source = LinkSource(far.connection.client, runner, lambda: self.now)
        self.links: list[MeshLinks] = []
        self.problems: list[Problem] = []

    def get(self, agent_id: str = AGENT_ID) -> None:
        self.source.get(agent_id, self.links.append, self.problems.append)

    @property
    def calls(self) -> int:
        return self.far.asked("/meshcentral/")


@pytest.fixture
def asking() -> Iterator[Asking]:
    runner = Held()
    with far_server(runner) as far:
        yield Asking(far, runner)


def test_all_who_ask_meanwhile_share_one_call(asking: Asking) -> None:
    for _ in range(3):
        asking.get()
    assert asking.links == []
    asking.runner.go()
    assert len(asking.links) == 3
    assert asking.calls == 1


def test_a_fresh_answer_serves_at_once(asking: Asking) -> None:
    asking.get()
    asking.runner.go()
    asking.now += FRESH_SECONDS - 1
    asking.get()
    assert len(asking.links) == 2
    assert asking.calls == 1


def test_an_old_one_is_asked_for_anew(asking: Asking) -> None:
    asking.get()
    asking.runner.go()
    asking.now += FRESH_SECONDS
    asking.get()
    assert len(asking.links) == 1
    asking.runner.go()
    assert len(asking.links) == 2
    assert asking.calls == 2


def test_links_are_used_well_before_their_token_ends() -> None:
    assert FRESH_SECONDS <= 55 * 60


def test_a_failure_reaches_all_who_asked_and_is_not_kept(asking: Asking) -> None:
    asking.far.set_links(answer("", 500), asking.far.links())
    asking.get()
    asking.get()
    asking.runner.go()
    assert [type(problem) for problem in asking.problems] == [ServerFailed] * 2
    assert asking.calls == 1, "a call that writes an audit entry is never repeated on its own"
    asking.get()
    asking.runner.go()
    assert len(asking.links) == 1
    assert asking.calls == 2


def test_an_answer_that_did_not_serve_is_forgotten_once(asking: Asking) -> None:
    asking.get()
    asking.runner.go()
    useless = asking.links[0]
    for agent_id in (AGENT_ID, AGENT_ID, "never asked for"):
        asking.source.forget(agent_id, useless)
    asking.get()
    asking.runner.go()
    assert asking.calls == 2
    asking.source.forget(AGENT_ID, useless)  # another session had it too, and says so later
    asking.get()
    assert asking.links[-1] is asking.links[-2]
    assert asking.calls == 2


def test_how_long_an_answer_serves(asking: Asking) -> None:
    asking.get()
    asking.runner.go()
    until = asking.source.fresh_until(asking.links[0])
    assert until == asking.now + FRESH_SECONDS
    asking.source.forget(AGENT_ID, asking.links[0])
    assert asking.source.fresh_until(asking.links[0]) < asking.now


def test_agents_do_not_share_answers(asking: Asking) -> None:
    asking.get()
    asking.get("B" * 40)
    asking.runner.go()
    assert len(asking.links) == 1
    assert len(asking.problems) == 1


def test_each_kind_has_its_link(asking: Asking) -> None:
    asking.get()
    asking.runner.go()
    modes = {kind: f"viewmode={kind.view_mode}&" for kind in SessionKind}
    assert all(modes[kind] in link_of(asking.links[0], kind).reveal() for kind in SessionKind)


def test_what_is_at_hand_is_given_without_asking(asking: Asking) -> None:
    assert asking.source.at_hand() is None
    asking.get()
    assert asking.source.at_hand() is None
    asking.runner.go()
    assert asking.source.at_hand() is asking.links[0]
    assert asking.source.at_hand(AGENT_ID) is asking.links[0]
    assert asking.source.at_hand("another") is None
    asking.now += FRESH_SECONDS
    assert asking.source.at_hand() is None
    assert asking.calls == 1
