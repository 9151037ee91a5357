"""The calls that the console makes once a technician is signed in."""

from console.rmm import clients, errors, rows, wire
from console.rmm.actions import AgentActions
from console.rmm.calls import Calls, checked_agent_id, decoded
from console.rmm.credentials import Credential
from console.rmm.details import Details
from console.rmm.errors import Call
from console.rmm.models import AgentList, AgentNow, AgentStatus, Client, DashInfo, FreshAgent, MeshLinks
from console.rmm.texts import one_line
from console.secret import Secret
from console.transport import MEGABYTE, Transport

LARGEST_LIST = 300 * MEGABYTE
"""In bytes: some 200,000 agents."""
_AGENTS = Call("the list of agents", "can_list_agents")
_CLIENTS = Call("the list of clients", "can_list_clients")
_STATUS = Call("the status of an agent", "can_list_agents")
_PING = Call("whether an agent answers", "can_list_agents")
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

    def __init__(
        self,
        address: str,
        transport: Transport,
        credential: Credential,
        *,
        list_seconds: float = 60.0,
        largest_list: int = LARGEST_LIST,
    ) -> None:
        """`list_seconds` and `largest_list` (bytes) bound the list of agents."""
        self._list_seconds, self._largest_list = list_seconds, largest_list
        self._calls = Calls(address, transport, credential)
        self.actions = AgentActions(self._calls)
        self.details = Details(self._calls)

    def agents(self) -> AgentList:
        """All agents that the user may see. The server takes about 2 seconds for each 1,000: one call at a time."""
        return self._listed("/agents/")

    def agents_of_client(self, client_id: int) -> AgentList:
        """The agents of one client. An id that the server does not know has none."""
        return self._listed(f"/agents/?client={client_id}")

    def _listed(self, path: str) -> AgentList:
        answer = self._calls.get(path, _AGENTS, seconds=self._list_seconds, limit=self._largest_list)
        try:
            return rows.read(answer.body)
        except ValueError as error:
            raise errors.of_content(answer, _AGENTS, self._calls.host, str(error)) from None

    def clients(self) -> tuple[Client, ...]:
        """The clients and sites that the user may see. Many roles may list agents, but not these."""
        answer = self._calls.get("/clients/", _CLIENTS, limit=32 * MEGABYTE)
        try:
            return clients.read(answer.body)
        except ValueError as error:
            raise errors.of_content(answer, _CLIENTS, self._calls.host, str(error)) from None

    def fresh_agent(self, agent_id: str) -> FreshAgent:
        """One agent's row as it is now, as far as its own call tells. Up to 145 kB."""
        answer = self._calls.get(f"/agents/{checked_agent_id(agent_id)}/", _STATUS, limit=16 * MEGABYTE)
        try:
            return rows.read_agent(answer.body, agent_id)
        except ValueError as error:
            raise errors.of_content(answer, _STATUS, self._calls.host, str(error)) from None

    def agent_status(self, agent_id: str) -> AgentStatus:
        """The status of one agent now."""
        return self.agent_now(agent_id).status

    def agent_now(self, agent_id: str) -> AgentNow:
        """The status of one agent now, and when the RMM was told that its machine started. Up to 145 kB."""
        answer = self._calls.get(f"/agents/{checked_agent_id(agent_id)}/", _STATUS, limit=16 * MEGABYTE)
        body = decoded(answer, wire.AgentNowBody, _STATUS, self._calls.host)
        return AgentNow(AgentStatus(body.status), wire.boot_time(body.boot_time))

    def answers(self, agent_id: str) -> bool:
        """Whether the agent answers the RMM now. The server takes about 7.5 seconds to find out that it does not."""
        answer = self._calls.get(f"/agents/{checked_agent_id(agent_id)}/ping/", _PING)
        return decoded(answer, wire.StatusBody, _PING, self._calls.host).status == AgentStatus.ONLINE.value

    def reboot(self, agent_id: str) -> None:
        """Restarts the machine at once. Raises AgentSilent when the agent did not answer the server."""
        self.actions.reboot(agent_id)

    def restart_mesh_agent(self, agent_id: str) -> str:
        """Restarts the service of the Mesh agent, which Windows alone has; what the server says about it.

        The server waits for the agent twice 32 seconds. Raises AgentSilent, NotOnThisSystem or AgentRefused.
        """
        path = f"/services/{checked_agent_id(agent_id)}/mesh%20agent/"
        return self._calls.ask_agent(path, _RESTART_MESH, seconds=100.0, json={"sv_action": "restart"})

    def recover_mesh(self, agent_id: str) -> str:
        """Has the Tactical agent repair the Mesh agent; what the server says about it. Takes up to 90 seconds.

        Raises AgentSilent or AgentRefused.
        """
        path = f"/agents/{checked_agent_id(agent_id)}/meshcentral/recover/"
        return self._calls.ask_agent(path, _RECOVER_MESH, seconds=120.0)

    def mesh_links(self, agent_id: str) -> MeshLinks:
        """Session links of one agent. The server writes an audit entry each time: only when a technician opens it."""
        path = f"/agents/{checked_agent_id(agent_id)}/meshcentral/"
        answer = self._calls.get(path, _MESH_LINKS, repeat=False)
        body = decoded(answer, wire.MeshLinksBody, _MESH_LINKS, self._calls.host)
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
        answer = self._calls.send("POST", "/agents/notes/", _ADD_NOTE, json=fields)
        decoded(answer, str, _ADD_NOTE, self._calls.host)

    def dash_info(self) -> DashInfo:
        """The server's version and settings. It asks GitHub each time, so this may take 5 seconds: do not poll it."""
        answer = self._calls.get("/core/dashinfo/", _DASH_INFO)
        body = decoded(answer, wire.DashInfoBody, _DASH_INFO, self._calls.host)
        return DashInfo(one_line(body.trmm_version), body.sso_enabled or False, body.block_local_user_logon or False)

    def sign_out(self) -> None:
        """Ends the session token on the server. An API key has no session: the server refuses it here."""
        self._calls.send("POST", "/logout/", _SIGN_OUT)
