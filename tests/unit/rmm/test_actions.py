"""What comes in place of an answer to an action, and whether it may have happened all the same."""

from collections.abc import Callable
from datetime import datetime

import pytest

from console.demo.api_server import serve
from console.problem import Problem
from console.rmm.actions import (
    AgentActions,
    BadMoment,
    ChecksRunning,
    Recovery,
    WakeFailed,
    may_have_happened,
)
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey
from console.rmm.errors import (
    AgentRefused,
    AgentSilent,
    NotAllowed,
    NotFound,
    NotOnThisSystem,
    RmmProblem,
    ServerFailed,
    Unexpected,
)
from console.secret import Secret
from console.transport import BrokenOff, TimedOut, Transport, Unreachable
from tests.unit.rmm.scripted import Scripted, answer

AGENT = "a" * 40
MOMENT = datetime(2031, 5, 6, 7, 8)

Act = Callable[[AgentActions], object]
ACTIONS: dict[str, tuple[str, Act]] = {
    "reboot": (f"/agents/{AGENT}/reboot/", lambda actions: actions.reboot(AGENT)),
    "reboot_at": (f"/agents/{AGENT}/reboot/", lambda actions: actions.reboot_at(AGENT, MOMENT)),
    "shut_down": (f"/agents/{AGENT}/shutdown/", lambda actions: actions.shut_down(AGENT)),
    "run_checks": (f"/checks/{AGENT}/run/", lambda actions: actions.run_checks(AGENT)),
    "recover": (f"/agents/{AGENT}/recover/", lambda actions: actions.recover(AGENT, Recovery.TACTICAL)),
}
OTHERS: dict[str, tuple[str, Act]] = {
    "ping": (f"/agents/{AGENT}/ping/", lambda actions: actions.ping(AGENT)),
    "wake": (f"/agents/{AGENT}/wol/", lambda actions: actions.wake(AGENT)),
    "maintenance": (f"/agents/{AGENT}/", lambda actions: actions.set_maintenance(AGENT, True)),
}


def outcome(name: str, content: object, status: int = 200) -> object:
    """What an action makes of an answer: its result or its problem. It must be asked for once."""
    path, act = {**ACTIONS, **OTHERS}[name]
    server = Scripted({path: [answer(content, status)]})
    with serve(server) as running:
        client = RmmClient(running.address, Transport(), ApiKey(Secret("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")))
        try:
            result = act(client.actions)
        except Problem as problem:
            result = problem
    assert [path for _, path in server.asked] == [path]
    return result


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("status", [200, 400])
def test_a_word_in_place_of_an_answer_is_no_success(name: str, status: int) -> None:
    late = outcome(name, "timeout", status)
    assert isinstance(late, AgentSilent)
    assert not late.asked_nothing
    assert "try again when it answers" in late.advice
    down = outcome(name, "natsdown", status)
    assert isinstance(down, AgentSilent)
    assert down.asked_nothing
    assert "NATS" in down.advice
    refused = outcome(name, "Access is denied.", 400)
    assert isinstance(refused, AgentRefused)
    assert refused.text == "Access is denied."


@pytest.mark.parametrize("name", ["reboot", "reboot_at", "shut_down"])
def test_another_word_is_what_the_agent_says(name: str) -> None:
    said = outcome(name, "shutdown: permission denied")
    assert isinstance(said, AgentRefused)
    assert said.text == "shutdown: permission denied"


@pytest.mark.parametrize("name", [*ACTIONS, *OTHERS])
@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        ({"detail": "no"}, 403, NotAllowed),
        ({"detail": "no"}, 404, NotFound),
        (b"<h1>Server Error (500)</h1>", 500, ServerFailed),
        (b"<html>", 200, Unexpected),
        ([1], 200, Unexpected),
        (None, 200, Unexpected),
    ],
)
def test_what_any_call_may_get(name: str, content: object, status: int, kind: type[RmmProblem]) -> None:
    problem = outcome(name, content, status)
    assert isinstance(problem, kind)
    assert problem.advice


def test_successes() -> None:
    assert outcome("reboot", "ok") is None
    assert outcome("shut_down", "ok") is None
    assert outcome("reboot_at", {"time": "May 06, 2031 at 07:08 AM", "agent": "A", "task_name": "t"}) == (
        "May 06, 2031 at 07:08 AM"
    )
    assert outcome("run_checks", "Checks will now be run on A\nB") == "Checks will now be run on A B"
    assert outcome("recover", "Recovery will be attempted shortly") == "Recovery will be attempted shortly"
    assert outcome("ping", {"name": "A", "status": "online"}) is True
    assert outcome("ping", {"name": "A", "status": "offline"}) is False
    assert outcome("wake", "Wake-on-LAN sent to A") == "Wake-on-LAN sent to A"
    assert outcome("maintenance", "The agent was updated successfully") is None


@pytest.mark.parametrize("words", ["Invalid date", "Date cannot be set in the past"])
def test_a_moment_that_is_past(words: str) -> None:
    assert isinstance(outcome("reboot_at", words, 400), BadMoment)


@pytest.mark.parametrize("plat", ["linux", "darwin"])
def test_a_restart_at_a_time_is_for_windows(plat: str) -> None:
    assert isinstance(outcome("reboot_at", f"Not currently implemented for {plat}", 400), NotOnThisSystem)


def test_checks_that_run_already() -> None:
    assert isinstance(outcome("run_checks", "Checks are already running on HOST", 400), ChecksRunning)


def test_the_raw_text_of_a_failed_wake_is_a_detail() -> None:
    down = outcome("wake", "[Errno 111] Connect call failed ('127.0.0.1', 4430)", 400)
    assert isinstance(down, WakeFailed)
    assert "Errno" not in down.what + down.advice
    assert "Errno 111" in down.detail
    assert isinstance(outcome("wake", "fromhex() argument must be str, not None", 400), WakeFailed)


def test_the_moment_is_sent_to_the_minute() -> None:
    sent: list[bytes] = []

    class Listening(Scripted):
        def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
            sent.append(environ["wsgi.input"].read())
            environ["wsgi.input"].seek(0)
            return super().__call__(environ, start_response)

    with serve(Listening({f"/agents/{AGENT}/reboot/": [answer({"time": "x"})]})) as running:
        client = RmmClient(running.address, Transport(), ApiKey(Secret("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")))
        client.actions.reboot_at(AGENT, datetime(2031, 5, 6, 7, 8, 59))
    assert sent == [b'{"datetime": "2031-05-06T07:08"}']


@pytest.mark.parametrize(
    ("problem", "online", "open_"),
    [
        (TimedOut("late"), False, True),
        (BrokenOff("broke"), False, True),
        (Unreachable("refused"), True, False),
        (ServerFailed("500"), True, True),
        (Unexpected("page"), True, True),
        (AgentSilent("silent"), True, True),
        (AgentSilent("silent"), False, False),
        (AgentSilent("nats", asked_nothing=True), True, False),
        (NotAllowed("403"), True, False),
        (NotFound("404"), True, False),
        (WakeFailed("mesh"), True, False),
    ],
)
def test_whether_it_may_have_happened(problem: Problem, online: bool, open_: bool) -> None:
    assert may_have_happened(problem, online=online) is open_


def test_an_id_that_would_leave_its_place_in_the_path_is_not_sent() -> None:
    server = Scripted({})
    with serve(server) as running:
        actions = RmmClient(running.address, Transport(), ApiKey(Secret("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"))).actions
        for act in (actions.ping, actions.wake, actions.reboot, actions.shut_down, actions.run_checks):
            with pytest.raises(Problem, match="not the id"):
                act("../../../core/settings/aaaaaaaaaaaa")
    assert server.asked == []
