"""Fuzzing what a server says: the list of agents, every other answer of the RMM, MeshCentral's control channel, and
the reports of a session's page."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from unittest.mock import patch

import msgspec
from hypothesis import strategies as st

from console.mesh import web_socket
from console.mesh.control import Control
from console.mesh.errors import MeshProblem
from console.mesh.exchange import MeshCookies
from console.mesh.file_errors import TunnelLost
from console.mesh.link import MeshSite
from console.mesh.report import AnyReport, Report, decode
from console.problem import Problem
from console.rmm import details_bodies as bodies
from console.rmm import rows, wire
from console.rmm.actions import Recovery
from console.rmm.client import RmmClient
from console.rmm.credentials import SessionToken
from console.rmm.models import Agent
from console.secret import Secret
from console.transport import Answer, Transport
from tests.fuzz.fuzzing import DICE, Dice, fuzz, outcome

ROW_FIELDS = [name for name in wire.AgentRow.__struct_fields__ if name != "agent_id"]


def agent_id(dice: Dice) -> str:
    return f"{dice.randrange(100):040d}"


def odd_row(dice: Dice) -> object:
    """What stands where an agent should: a row with odd fields, or something else altogether."""
    if dice.often(4):
        return dice.json()
    return {**dice.fields(ROW_FIELDS), "agent_id": agent_id(dice) if dice.random() < 0.8 else dice.json()}


@fuzz(DICE)
def test_the_list_of_agents(dice: Dice) -> None:
    """Each element is an agent or a bad row, and a bad row costs no other."""
    names = {f"good{number:040d}": dice.text() for number in range(dice.randrange(4))}
    good = [{"agent_id": one, "hostname": name, "status": "online"} for one, name in names.items()]
    mixed = [*good, *(odd_row(dice) for _ in range(dice.randint(0, 4)))]
    dice.shuffle(mixed)
    read = rows.read(json.dumps(mixed).encode())
    assert len(read.agents) + len(read.bad) == len(mixed)
    found = {agent.agent_id for agent in read.agents}
    assert found >= {one for one, name in names.items() if is_text(name)}
    assert all(bad.reason for bad in read.bad)
    for agent in read.agents:
        sound(agent)


def is_text(text: str) -> bool:
    """Whether it has no lone surrogates."""
    return text.encode(errors="replace").decode() == text


SEAMS = (b'},{"agent_id":', b"\\ud800", b"]", b"},", b"1e999", b"NaN")


@fuzz(DICE)
def test_the_bytes_of_the_list(dice: Dice) -> None:
    """Bytes that are no list are a ValueError and nothing else."""
    sent = json.dumps([odd_row(dice) for _ in range(dice.randint(0, 4))]).encode()
    body = dice.disturbed(sent, SEAMS)
    with contextlib.suppress(ValueError):
        for agent in rows.read(body).agents:
            sound(agent)
    with contextlib.suppress(ValueError):
        known = Agent(agent_id="0" * 40)
        sound(rows.read_agent(dice.disturbed(json.dumps(odd_row(dice)).encode()), known.agent_id).over(known))


def sound(agent: Agent) -> None:
    """What the rest of the console relies on."""
    assert wire.AGENT_ID.fullmatch(agent.agent_id)
    assert not set("\r\n\0") & set(agent.hostname + agent.client_name + agent.description)
    assert agent.last_seen is None or agent.last_seen.tzinfo is not None
    assert agent.boot_time is None or datetime.fromtimestamp(agent.boot_time).year > 1969
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(agent), type=Agent) == agent


class Answering(Transport):
    """A server that answers whatever it is asked with the same."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def send(self, *_: object, **__: object) -> Answer:
        return self._answer


AGENT = "a" * 40
CALLS: tuple[Callable[[RmmClient], object], ...] = (
    RmmClient.agents,
    RmmClient.clients,
    RmmClient.dash_info,
    lambda client: client.fresh_agent(AGENT),
    lambda client: client.agent_now(AGENT),
    lambda client: client.answers(AGENT),
    lambda client: client.mesh_links(AGENT),
    lambda client: client.recover_mesh(AGENT),
    lambda client: client.add_note(AGENT, "x"),
    lambda client: client.details.agent(AGENT),
    lambda client: client.details.checks(AGENT),
    lambda client: client.details.tasks(AGENT),
    lambda client: client.details.software(AGENT),
    lambda client: client.details.patches(AGENT),
    lambda client: client.details.pending_actions(AGENT),
    lambda client: client.details.notes(AGENT),
    lambda client: client.details.history(AGENT),
    lambda client: client.details.custom_fields(),
    lambda client: client.actions.ping(AGENT),
    lambda client: client.actions.wake(AGENT),
    lambda client: client.actions.reboot(AGENT),
    lambda client: client.actions.reboot_at(AGENT, datetime(2027, 1, 1, tzinfo=UTC)),
    lambda client: client.actions.shut_down(AGENT),
    lambda client: client.actions.set_maintenance(AGENT, True),
    lambda client: client.actions.run_checks(AGENT),
    lambda client: client.actions.recover(AGENT, next(iter(Recovery))),
)
SHAPES = (
    *(bodies.DetailBody, bodies.CheckBody, bodies.TaskBody, bodies.ProgramBody, bodies.SoftwareBody, bodies.PatchBody),
    *(bodies.PendingBody, bodies.NoteBody, bodies.RunBody, bodies.FieldBody, bodies.DiskBody),
    *(wire.AgentNowBody, wire.StatusBody, wire.MeshLinksBody, wire.DashInfoBody, wire.RebootLaterBody),
)
NAMES = sorted(
    {field.encode_name for shape in SHAPES for field in msgspec.structs.fields(shape)}
    | {"id", "name", "sites", "check_result", "task_result", "script_results", "non_field_errors", "detail"}
)
STATUSES = (200, 200, 200, 200, 201, 204, 301, 302, 400, 400, 401, 403, 404, 405, 429, 500, 502, 503)
TYPES = ("application/json", "text/html", "")
WAITS = ("", "12", "-1", "9" * 400, "nan", "inf", "1e400", "Wed, 21 Oct 2065 07:28:00 GMT", "Wed, 99 Oct 0000 07:28:00")


def content(dice: Dice) -> object:
    match dice.randrange(4):
        case 0:
            return dice.json()
        case 1:
            return dice.fields(NAMES)
        case _:
            inner = [dice.fields(NAMES) for _ in range(2)]
            return [dice.fields(NAMES, inner) | {"id": dice.randrange(9)} for _ in range(dice.randint(0, 3))]


@fuzz(DICE, st.sampled_from(CALLS))
def test_every_answer_of_the_rmm(dice: Dice, call: Callable[[RmmClient], object]) -> None:
    """It is taken, or it is a Problem with words."""
    headers = {"Content-Type": dice.choice(TYPES), "Retry-After": dice.choice(WAITS), "Location": dice.text()}
    answer = Answer(dice.choice(STATUSES), headers, dice.said(content(dice)), None)
    client = RmmClient("https://api.example.com", Answering(answer), SessionToken(Secret("t" * 64)))
    problem = outcome(Problem, lambda: call(client))
    if isinstance(problem, Problem):
        assert problem.what
        assert "t" * 64 not in problem.report()


class Saying:
    """A web socket to a server that says these messages, whatever it is told, and then goes away."""

    def __init__(self, messages: list[str | bytes]) -> None:
        self._messages = messages

    def send(self, message: str | bytes) -> None:
        """Nobody listens."""

    def receive(self, seconds: float) -> str | bytes | None:
        if self._messages:
            return self._messages.pop(0)
        raise TunnelLost("it ended")

    def close(self) -> None:
        """Nothing is open."""


ACTIONS = ("userinfo", "nodes", "loginTokens", "createLoginToken", "close", "serverinfo", "")
ANSWER_FIELDS = ("userinfo", "nodes", "loginTokens", "tokenUser", "tokenPass", "result", "cause")


def message(dice: Dice) -> bytes:
    node = dice.fields(("_id", "name", "rname", "conn"), (f"node//{'a' * 64}", f"node/x/{'b' * 64}"))
    token = dice.fields(("tokenUser", "name", "created", "expire"))
    user = dice.fields(("_id", "name", "realname", "siteadmin"), ("user//x", 0xFFFFFFFF))
    told = dice.fields(ANSWER_FIELDS, (user, {"mesh//x": [node, node]}, [token], {"": [dice.json()]}))
    return dice.said(told | {"action": dice.choice(ACTIONS) if dice.random() < 0.9 else dice.json()})


ASKED: tuple[Callable[[Control], object], ...] = (
    Control.account,
    Control.nodes,
    Control.tokens,
    lambda control: control.make_token("console"),
)


@fuzz(DICE, st.sampled_from(ASKED))
def test_the_control_channel(dice: Dice, ask: Callable[[Control], object]) -> None:
    """MeshCentral's messages are taken where they make sense, or a MeshProblem says that they do not."""
    talk = [message(dice) for _ in range(dice.randint(0, 4))]
    said: list[str | bytes] = [one.decode("utf-8", "replace") if dice.often(2) else one for one in talk]
    cookies = MeshCookies({"xid": Secret("hunter2")}, None)
    with patch.object(web_socket, "connected", lambda *_: Saying(said)):
        site = MeshSite("https://mesh.example.com")
        problem = outcome(MeshProblem, lambda: ask(Control(site, cookies, Transport())))
    if isinstance(problem, MeshProblem):
        assert problem.what
        assert "hunter2" not in problem.report()


FACTS = [kind.__struct_config__.tag for kind in AnyReport.__args__]
REPORT_FIELDS = sorted({name for kind in AnyReport.__args__ for name in kind.__struct_fields__} | {"fact"})


@fuzz(DICE)
def test_a_report_of_a_page(dice: Dice) -> None:
    """It is one of the facts that there are, with the types that it should have, or nothing."""
    content = dice.said(dice.fields(REPORT_FIELDS) | {"fact": dice.choice(FACTS)})
    for text in (content.decode("utf-8", "surrogateescape"), content.decode("latin-1")):
        report = decode(text)
        if report is not None:
            assert isinstance(report, Report)
            assert decode(msgspec.json.encode(report).decode()) == report
