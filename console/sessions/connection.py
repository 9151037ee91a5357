"""One signed-in RMM server: everything that a session or the agents page needs to work with it."""

from dataclasses import dataclass, field

from console.rmm.client import RmmClient
from console.rmm.credentials import Credential, Withheld
from console.servers import Server
from console.sessions.links import LinkSource
from console.sessions.node_ids import NodeIds
from console.sessions.own_sign_in import OwnSignIn
from console.transport import Transport
from console.work import Lane, Runner

_THREADS = 4


@dataclass
class Connection:
    """`server` is replaced when the technician changes it (a pin, the clipboard answer): call `use`.

    `own_sign_ins` are the technician's own at MeshCentral that worked, by the URL of the site, for this run.
    """

    server: Server
    credential: Credential
    transport: Transport
    client: RmmClient
    lane: Runner
    links: LinkSource
    nodes: NodeIds = field(default_factory=NodeIds)
    own_sign_ins: dict[str, OwnSignIn] = field(default_factory=dict)

    def use(self, server: Server) -> None:
        """Goes on with a changed server. Other pins are taken over by all that calls it, API and MeshCentral alike."""
        if server.pins != self.server.pins:
            self.transport = Transport(server.pins)
            self.client = RmmClient(server.address, self.transport, self.credential)
            self.links = LinkSource(self.client, self.lane)
        self.server = server

    def take(self, credential: Credential) -> None:
        """Goes on with another credential of the same technician. Links that were asked for are forgotten, and so are
        the sign-ins at MeshCentral: whoever works with one has it."""
        self.credential = credential
        self.client = RmmClient(self.server.address, self.transport, credential)
        self.forget_links()
        self.own_sign_ins.clear()

    @property
    def withheld(self) -> bool:
        """Whether the credential is not in memory just now."""
        return isinstance(self.credential, Withheld)

    def forget_links(self) -> None:
        """The next session asks the RMM for its link."""
        self.links = LinkSource(self.client, self.lane)


def connect(server: Server, credential: Credential) -> Connection:
    """Builds the parts for one server. Makes no call. Create it on the GUI thread."""
    transport = Transport(server.pins)
    client = RmmClient(server.address, transport, credential)
    lane = Lane(f"rmm {server.title}", _THREADS)
    return Connection(server, credential, transport, client, lane, LinkSource(client, lane))
