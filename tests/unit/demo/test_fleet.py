import json
import re
import time
from collections import Counter

import pytest

from console.demo import fleet
from console.demo.fleet import LIVE_DESCRIPTION, LIVE_HOSTNAMES, Fleet, Presence
from console.rmm import rows
from console.rmm.models import Agent, AgentStatus, Platform

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def made() -> Fleet:
    return fleet.make(start=NOW)


@pytest.fixture(scope="module")
def agents(made: Fleet) -> tuple[Agent, ...]:
    """The fleet as the console's own client reads it."""
    body = json.dumps(made.rows(NOW), ensure_ascii=False, separators=(",", ":")).encode()
    read = rows.read(body)
    assert read.bad == ()
    return read.agents


def test_it_is_the_same_fleet_each_time(made: Fleet) -> None:
    assert fleet.make(start=NOW).rows(NOW) == made.rows(NOW)
    assert fleet.make(seed=2, start=NOW).rows(NOW) != made.rows(NOW)


def test_its_size_and_its_clients(made: Fleet, agents: tuple[Agent, ...]) -> None:
    assert len(agents) == 250
    assert len({agent.client_name for agent in agents}) == 14
    assert len({(agent.client_name, agent.site_name) for agent in agents}) == 40
    assert len({machine.site_number for machine in made.machines}) == 40
    assert len({agent.hostname for agent in agents}) == 250


def test_ids_have_the_real_ones_shape(made: Fleet) -> None:
    assert all(re.fullmatch(r"[A-Za-z]{40}", machine.agent_id) for machine in made.machines)
    assert all(re.fullmatch(r"[0-9a-f]{96}", machine.node_id) for machine in made.machines if machine.node_id)
    assert made.find(made.machines[7].agent_id) is made.machines[7]
    assert made.find("x" * 40) is None


def test_every_state_a_technician_meets_is_there(made: Fleet, agents: tuple[Agent, ...]) -> None:
    states = Counter(agent.status for agent in agents)
    assert states[AgentStatus.ONLINE] > 150
    assert states[AgentStatus.OFFLINE] > 5
    assert states[AgentStatus.OVERDUE] > 15
    assert sum(agent.last_seen is None for agent in agents) >= 5
    assert any(agent.last_seen and agent.last_seen.timestamp() < NOW - 20 * 86_400 for agent in agents)
    assert {agent.plat for agent in agents} == {Platform.WINDOWS, Platform.LINUX, Platform.MACOS}
    assert {agent.monitoring_type for agent in agents} == {"server", "workstation"}
    assert {machine.node_id for machine in made.machines if not machine.node_id} == {None, ""}
    for yes in (
        lambda agent: agent.checks.failing,
        lambda agent: agent.checks.warning,
        lambda agent: agent.checks.total == 0,
        lambda agent: agent.needs_reboot,
        lambda agent: agent.maintenance_mode,
        lambda agent: agent.has_patches_pending,
        lambda agent: agent.pending_actions_count,
        lambda agent: agent.italic,
        lambda agent: agent.logged_username == "",
        lambda agent: len(agent.hostname) > 40,
        lambda agent: len(agent.client_name) > 60,
    ):
        assert 3 <= sum(bool(yes(agent)) for agent in agents) < 200


@pytest.mark.parametrize("script", ["[぀-ヿ一-鿿]", "[Ѐ-ӿ]", "[\u0600-\u06ff]", "[äöüß]"])
def test_names_in_many_scripts(agents: tuple[Agent, ...], script: str) -> None:
    for text in ("client_name", "site_name", "logged_username"):
        assert any(re.search(script, getattr(agent, text)) for agent in agents), text


def test_rows_are_as_long_as_real_ones(made: Fleet) -> None:
    size = len(json.dumps(made.rows(NOW), ensure_ascii=False, separators=(",", ":")).encode()) / 250
    assert 1100 < size < 1400


def test_time_moves_the_fleet_a_little(made: Fleet) -> None:
    before, after = made.rows(NOW), made.rows(NOW + 300)
    moved = sum(one["last_seen"] != other["last_seen"] for one, other in zip(before, after, strict=True))
    changed = sum(one["status"] != other["status"] for one, other in zip(before, after, strict=True))
    assert moved > 180
    assert 1 <= changed <= 30


@pytest.mark.parametrize(
    ("presence", "age"),
    [
        (Presence(interval=30), 10.0),
        (Presence(phase=20, interval=30), 0.0),
        (Presence(last=NOW - 9000), 9010.0),
        (Presence(phase=600 - (NOW + 10) % 1800, period=1800, reporting=100), 500.0),
    ],
)
def test_when_a_machine_was_last_seen(presence: Presence, age: float) -> None:
    assert NOW % 30 == 0
    seen = presence.last_seen(NOW + 10)
    assert seen is not None
    assert NOW + 10 - seen == pytest.approx(age)


def test_a_machine_that_never_came_was_never_seen() -> None:
    assert Presence(never=True).last_seen(NOW) is None


def test_live_agents_stand_for_this_computer() -> None:
    made = fleet.make(20)
    added = made.add_live("ab" * 48)
    listed = {row["hostname"]: row for row in made.rows(time.time())}
    assert len(made.machines) == 23
    assert made.live() == added
    assert [machine.hostname for machine in added] == list(LIVE_HOSTNAMES)
    for machine in added:
        assert machine.node_id == "ab" * 48
        assert made.find(machine.agent_id) is machine
        assert (listed[machine.hostname]["description"], listed[machine.hostname]["status"]) == (
            LIVE_DESCRIPTION,
            "online",
        )
        assert all(machine.status(time.time() + hours * 3600) == "online" for hours in range(50))


def test_a_large_fleet_has_more_clients_and_no_agent_twice() -> None:
    made = fleet.make(5000, start=NOW)
    assert len({machine.agent_id for machine in made.machines}) == 5000
    assert len({machine.client for machine in made.machines}) == 140
    assert len({machine.client_number for machine in made.machines}) == 140
    assert len({machine.site_number for machine in made.machines}) == 400
