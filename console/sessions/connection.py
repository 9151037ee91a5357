"""One signed-in RMM server: everything that a session or the agents page needs to work with it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from console import certificates
from console.mesh.errors import CertificateChanged
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.credentials import Credential, Withheld
from console.servers import Server
from console.sessions.links import LinkSource
from console.sessions.node_ids import NodeIds
from console.sessions.own_sign_in import OwnSignIn
from console.transport import CertificateUntrusted, Transport
from console.work import Lane, Runner

_THREADS = 4


def transport_of(server: Server) -> Transport:
    """One that nobody watches over."""
    return Transport(server.pins, known=server.known_certificates())


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
    transport_of: Callable[[Server], Transport] = transport_of

    def use(self, server: Server) -> None:
        """Goes on with a changed server. Other pins are taken over by all that calls it, API and MeshCentral alike."""
        if server.pins != self.server.pins:
            self._go_on(server)
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

    def look_again(self) -> None:
        """Goes on after a certificate stopped everything: it is looked at anew, by the same pins."""
        self._go_on(self.server)

    def judged(self, problem: Problem) -> Problem:
        """What a page says of its certificate, as the pin has it: another than the pinned one stops everything."""
        if not isinstance(problem, CertificateChanged) or problem.host not in self.server.pins:
            return problem
        pin = self.server.pins[problem.host]
        before = certificates.parsed(self.server.known_certificates().get(problem.host, b""), pin)
        untrusted = CertificateUntrusted(problem.host, problem.certificate, pin, problem.detail, before)
        self.transport.distrust(untrusted)
        return untrusted

    def _go_on(self, server: Server) -> None:
        self.transport = self.transport_of(server)
        self.client = RmmClient(server.address, self.transport, self.credential)
        self.links = LinkSource(self.client, self.lane)


def connect(
    server: Server, credential: Credential, transport_of: Callable[[Server], Transport] = transport_of
) -> Connection:
    """Builds the parts for one server. Makes no call. Create it on the GUI thread."""
    transport = transport_of(server)
    client = RmmClient(server.address, transport, credential)
    lane = Lane(f"rmm {server.title}", _THREADS)
    links = LinkSource(client, lane)
    return Connection(server, credential, transport, client, lane, links, transport_of=transport_of)
