"""The calls that the console makes once a technician is signed in."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from console.problem import Problem
from console.rmm import errors, rows, wire
from console.rmm.address import host_name
from console.rmm.credentials import Credential
from console.rmm.errors import Call
from console.rmm.models import AgentList, AgentNow, AgentStatus, DashInfo, MeshLinks
from console.rmm.texts import SHOWN_CHARACTERS, one_line
from console.secret import Secret
from console.transport import MEGABYTE, Answer, Transport

T = TypeVar("T")

_AGENTS = Call("the list of agents", "can_list_agents")
_STATUS = Call("the status of an agent", "can_list_agents")
_PING = Call("whether an agent answers", "can_list_agents")
_REBOOT = Call("restarting a machine", "can_reboot_agents")
_RESTART_MESH = Call("restarting the Mesh agent", "can_manage_winsvcs")
_RECOVER_MESH = Call("recovering the Mesh connection", "can_use_mesh")
_MESH_LINKS = Call("the session links of an agent", "can_use_mesh")
_ADD_NOTE = Call("adding a note to an agent", "can_manage_notes")
_DASH_INFO = Call("the settings of the server")
_SIGN_OUT = Call("signing out")


class RmmClient:
    """One technician at one RMM server. `address` is what `api_address` answers.

    Every call blocks, may be made from any thread, and raises an RmmProblem or a TransportProblem.
    """

    def __init__(self, address: str, transport: Transport, credential: Credential) -> None:
        self._address = address
        self._host = host_name(address)
        self._transport = transport
        self._credential = credential

    def agents(self) -> AgentList:
        """All agents that the user may see. The server takes about 2 seconds for each 1,000: one call at a time."""
        answer = self._get("/agents/", _AGENTS, seconds=60.0, limit=300 * MEGABYTE)
        try:
            return rows.read(answer.body)
        except ValueError as error:
            raise errors.of_content(answer, _AGENTS, self._host, str(error)) from None

    def agent_status(self, agent_id: str) -> AgentStatus:
        """The status of one agent now."""
        return self.agent_now(agent_id).status

    def agent_now(self, agent_id: str) -> AgentNow:
        """The status of one agent now, and when the RMM was told that its machine started. Up to 145 kB."""
        answer = self._get(f"/agents/{checked_agent_id(agent_id)}/", _STATUS, limit=16 * MEGABYTE)
        body = decoded(answer, wire.AgentNowBody, _STATUS, self._host)
        return AgentNow(AgentStatus(body.status), wire.boot_time(body.boot_time))

    def answers(self, agent_id: str) -> bool:
        """Whether the agent answers the RMM now. The server takes about 7.5 seconds to find out that it does not."""
        answer = self._get(f"/agents/{checked_agent_id(agent_id)}/ping/", _PING)
        return decoded(answer, wire.StatusBody, _PING, self._host).status == AgentStatus.ONLINE.value

    def reboot(self, agent_id: str) -> None:
        """Restarts the machine at once. Raises AgentSilent when the agent was not reached: nothing was asked then."""
        said = self._ask_agent(f"/agents/{checked_agent_id(agent_id)}/reboot/", _REBOOT, seconds=30.0)
        if said != "ok":
            raise errors.AgentRefused(said, _REBOOT, self._host)

    def restart_mesh_agent(self, agent_id: str) -> str:
        """Restarts the service of the Mesh agent, which Windows alone has; what the server says about it.

        The server waits for the agent twice 32 seconds. Raises AgentSilent, NotOnThisSystem or AgentRefused.
        """
        path = f"/services/{checked_agent_id(agent_id)}/mesh%20agent/"
        return self._ask_agent(path, _RESTART_MESH, seconds=100.0, json={"sv_action": "restart"})

    def recover_mesh(self, agent_id: str) -> str:
        """Has the Tactical agent repair the Mesh agent; what the server says about it. Takes up to 90 seconds.

        Raises AgentSilent or AgentRefused.
        """
        path = f"/agents/{checked_agent_id(agent_id)}/meshcentral/recover/"
        return self._ask_agent(path, _RECOVER_MESH, seconds=120.0)

    def mesh_links(self, agent_id: str) -> MeshLinks:
        """Session links of one agent. The server writes an audit entry each time: only when a technician opens it."""
        path = f"/agents/{checked_agent_id(agent_id)}/meshcentral/"
        answer = self._get(path, _MESH_LINKS, repeat=False)
        body = decoded(answer, wire.MeshLinksBody, _MESH_LINKS, self._host)
        return MeshLinks(
            Secret(body.control),
            Secret(body.terminal),
            Secret(body.file),
            one_line(body.hostname or ""),
            AgentStatus(body.status or ""),
            one_line(body.client or ""),
            one_line(body.site or ""),
        )

    def add_note(self, agent_id: str, note: str) -> None:
        """Adds a note to an agent's notes, under this user's name. Not repeated: the server would add it twice."""
        fields = {"agent_id": checked_agent_id(agent_id), "note": note}
        answer = self._send("POST", "/agents/notes/", _ADD_NOTE, json=fields)
        decoded(answer, str, _ADD_NOTE, self._host)

    def dash_info(self) -> DashInfo:
        """The server's version and settings. It asks GitHub each time, so this may take 5 seconds: do not poll it."""
        answer = self._get("/core/dashinfo/", _DASH_INFO)
        body = decoded(answer, wire.DashInfoBody, _DASH_INFO, self._host)
        return DashInfo(one_line(body.trmm_version), body.sso_enabled or False, body.block_local_user_logon or False)

    def sign_out(self) -> None:
        """Ends the session token on the server. An API key has no session: the server refuses it here."""
        self._send("POST", "/logout/", _SIGN_OUT)

    def _ask_agent(self, path: str, call: Call, *, seconds: float, json: object = None) -> str:
        """Has the server ask something of an agent, once; what it answers in words."""
        try:
            answer = self._send("POST", path, call, seconds=seconds, json=json)
        except errors.BadRequest as problem:
            raise errors.of_agent(problem.text, call, self._host) from None
        said = one_line(decoded(answer, str, call, self._host))[:SHOWN_CHARACTERS]
        if said in errors.SILENT:  # comes with status 200 too
            raise errors.of_agent(said, call, self._host)
        return said

    def _get(
        self, path: str, call: Call, *, seconds: float = 30.0, limit: int = MEGABYTE, repeat: bool = True
    ) -> Answer:
        return self._send("GET", path, call, seconds=seconds, limit=limit, repeat=repeat)

    def _send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        seconds: float = 30.0,
        limit: int = MEGABYTE,
        repeat: bool = False,
        json: object = None,
    ) -> Answer:
        answer = self._transport.send(
            method,
            self._address + path,
            auth=self._credential.auth(),
            json=json,
            seconds=seconds,
            limit=limit,
            repeat=repeat,
        )
        if not 200 <= answer.status < 300:
            raise errors.of_answer(answer, call, self._host, self._credential)
        return answer


def checked_agent_id(agent_id: str) -> str:
    """The agent id, once it is sure that it stays one part of a path. Raises a Problem."""
    if not wire.AGENT_ID.fullmatch(agent_id):
        raise Problem("This is not the id of an agent.", "Refresh the list and try again.")
    return agent_id


def decoded(answer: Answer, shape: type[T], call: Call, host: str) -> T:
    """The body of a successful answer as `shape`. Raises Unexpected, with a reason that holds no values."""
    decode: Callable[[bytes], T] = msgspec.json.Decoder(shape).decode
    try:
        return decode(answer.body)
    except RecursionError:
        reason = "nested too deeply"
    except UnicodeDecodeError:
        reason = "text that is not UTF-8"
    except ValueError as error:
        reason = str(error)
    raise errors.of_content(answer, call, host, reason)
