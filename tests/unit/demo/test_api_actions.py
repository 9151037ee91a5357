"""What the demo's machines do when they are told to, and the answers that a test may have them give instead."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from console.demo import fleet
from console.demo.accounts import Accounts
from console.demo.api import DemoApi, serve
from console.demo.api_action_routes import BROKEN, FORBIDDEN, HANGS, NATS_DOWN, TIMEOUT, UNREACHED, Fault
from console.demo.fleet import Machine
from console.problem import Problem
from console.rmm.actions import AgentActions, BadMoment, ChecksRunning, Recovery, WakeFailed
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey
from console.rmm.errors import AgentRefused, AgentSilent, NotAllowed, NotOnThisSystem, ServerFailed
from console.rmm.models import Agent, AgentStatus
from console.transport import Transport

LATER = datetime(2099, 5, 6, 7, 8)


class Desk:
    def __init__(self, api: DemoApi, address: str) -> None:
        self.api = api
        self.client = RmmClient(address, Transport(), ApiKey(api.accounts.key.secret))

    @property
    def acts(self) -> AgentActions:
        return self.client.actions

    def machine(self, plat: str = "windows") -> Machine:
        found = next(
            each
            for each in self.api.fleet.machines
            if each.plat == plat
            and each.node_id
            and each.status(time.time()) == "online"
            and each.presence.last is None
        )
        self.api.status_override.pop(found.agent_id, None)
        return found

    def row(self, machine: Machine) -> Agent:
        return next(agent for agent in self.client.agents().agents if agent.agent_id == machine.agent_id)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = fleet.make(120)
    api = DemoApi(made, Accounts(limited_to=made.machines[0].client))
    with serve(api) as running:
        yield Desk(api, running.address)


def test_one_that_is_shut_down_is_offline_until_it_is_woken(desk: Desk) -> None:
    machine = desk.machine()
    started = desk.row(machine).boot_time
    desk.acts.shut_down(machine.agent_id)
    assert desk.row(machine).status is AgentStatus.OFFLINE
    assert not desk.acts.ping(machine.agent_id)
    with pytest.raises(AgentSilent):
        desk.acts.shut_down(machine.agent_id)
    assert desk.acts.wake(machine.agent_id) == f"Wake-on-LAN sent to {machine.hostname}"
    assert desk.row(machine).status is AgentStatus.ONLINE
    assert desk.acts.ping(machine.agent_id)
    assert desk.row(machine).boot_time != started


def test_waking_needs_mesh_central_and_a_node(desk: Desk) -> None:
    nameless = next(each for each in desk.api.fleet.machines if each.node_id is None)
    with pytest.raises(WakeFailed, match="Mesh agent"):
        desk.acts.wake(nameless.agent_id)
    desk.api.actions.wakes = False
    with pytest.raises(WakeFailed):
        desk.acts.wake(desk.machine().agent_id)


def test_maintenance_changes_the_row(desk: Desk) -> None:
    machine = desk.machine()
    for on in (True, False):
        desk.acts.set_maintenance(machine.agent_id, on)
        assert desk.row(machine).maintenance_mode is on


def test_checks_that_ran_leave_no_warning(desk: Desk) -> None:
    machine = next(
        each
        for each in desk.api.fleet.machines
        if each.inventory["checks"]["warning"] and each.presence.last is None  # type: ignore[index]
    )
    desk.api.status_override[machine.agent_id] = "online"
    before = desk.row(machine).checks
    desk.acts.run_checks(machine.agent_id)
    after = desk.row(machine).checks
    assert (after.warning, after.passing) == (0, before.passing + before.warning)
    assert (after.total, after.failing) == (before.total, before.failing)
    desk.api.actions.check_seconds = 60
    with pytest.raises(ChecksRunning):
        desk.acts.run_checks(machine.agent_id)


def test_a_restart_at_a_time(desk: Desk) -> None:
    machine = desk.machine()
    before = desk.row(machine).pending_actions_count
    assert desk.acts.reboot_at(machine.agent_id, LATER) == "May 06, 2099 at 07:08 AM"
    assert [(each.agent_id, each.at) for each in desk.api.actions.scheduled] == [(machine.agent_id, LATER)]
    assert desk.row(machine).pending_actions_count == before + 1
    with pytest.raises(BadMoment):
        desk.acts.reboot_at(machine.agent_id, datetime(2020, 1, 1))
    with pytest.raises(NotOnThisSystem):
        desk.acts.reboot_at(desk.machine("linux").agent_id, LATER)


def test_recovering(desk: Desk) -> None:
    machine = desk.machine()
    repaired: list[Machine] = []
    desk.api.actions.on_repair = repaired.append
    assert desk.acts.recover(machine.agent_id, Recovery.MESH) == "Successfully completed recovery"
    assert desk.acts.recover(machine.agent_id, Recovery.TACTICAL) == "Recovery will be attempted shortly"
    assert repaired == [machine]


def test_who_may_look_only_may_not_act(desk: Desk) -> None:
    viewer = RmmClient(desk.client._calls._address, Transport(), ApiKey(desk.api.accounts.viewer_key.secret)).actions
    agent_id = desk.machine().agent_id
    assert viewer.ping(agent_id)
    for act in (viewer.wake, viewer.reboot, viewer.shut_down, viewer.run_checks):
        with pytest.raises(NotAllowed):
            act(agent_id)
    with pytest.raises(NotAllowed):
        viewer.set_maintenance(agent_id, True)
    with pytest.raises(NotAllowed):
        viewer.reboot_at(agent_id, LATER)
    with pytest.raises(NotAllowed):
        viewer.recover(agent_id, Recovery.MESH)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (TIMEOUT, AgentSilent),
        (NATS_DOWN, AgentSilent),
        (UNREACHED, AgentSilent),
        (FORBIDDEN, NotAllowed),
        (BROKEN, ServerFailed),
        (Fault(400, "no such thing"), AgentRefused),
    ],
)
def test_one_agent_may_answer_something_else(desk: Desk, fault: Fault, problem: type[Problem]) -> None:
    machine = desk.machine()
    desk.api.acting.faults[machine.agent_id] = fault
    for act in (desk.acts.reboot, desk.acts.shut_down, desk.acts.run_checks):
        with pytest.raises(problem):
            act(machine.agent_id)
    assert desk.row(machine).status is AgentStatus.ONLINE, "nothing was done"
    desk.api.acting.faults.clear()
    desk.acts.shut_down(machine.agent_id)


@pytest.mark.parametrize("way", ["the fault is over", "the demo ends"])
def test_one_agent_may_hang(desk: Desk, way: str) -> None:
    machine = desk.machine()
    desk.api.acting.faults[machine.agent_id] = HANGS
    asking = threading.Thread(target=desk.acts.shut_down, args=(machine.agent_id,))
    asking.start()
    deadline = time.monotonic() + 10
    while not desk.api.requests and time.monotonic() < deadline:
        asking.join(0.01)
    assert asking.is_alive()
    if way == "the demo ends":
        desk.api.release()
    else:
        desk.api.acting.faults.clear()
    asking.join(10)
    assert not asking.is_alive()
