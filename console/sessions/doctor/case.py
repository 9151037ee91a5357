"""What the doctor is asked about, and what the checks learn for one another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.mesh.control import MeshAccount, MeshNode, MeshSettings
from console.mesh.engine_facts import EngineFacts, EngineQuestion
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite, SessionLink
from console.mesh.outside import FrontDoor
from console.proxies import Proxies
from console.redaction import redacted
from console.rmm.credentials import Credential
from console.rmm.rights import NamedAgent
from console.secret import Secret
from console.servers import Server
from console.sessions.doctor.tls import Presented
from console.sessions.own_sign_in import OwnSignIn
from console.transport import Transport
from console.vault.store import Vault


@dataclass(frozen=True)
class Folders:
    """Where the console writes to."""

    config: Path
    data: Path
    logs: Path


@dataclass(frozen=True)
class Question:
    """What is to be looked at.

    `dropped` are the switches that were taken out of the environment at the start. `engine` asks the web engine, in a
    process of its own. Without a `server` only this computer is looked at. `credential` is of who is signed in there;
    without one the keyring is looked into. `link` is a session link that is at hand, with the host name of its agent.
    `own` are the technician's own sign-ins at MeshCentral that worked in this run, by the URL of the site. `mesh` is
    MeshCentral's address where the technician gives it. `hostname` is an agent for which the RMM may be asked for a
    session link, which it writes into its audit log; "" when it may not. `online` is how many agents the RMM calls
    online, None when that is not known. `proxies` are those that everything of the console goes by.
    """

    folders: Folders
    environment: Mapping[str, str]
    dropped: tuple[str, ...]
    open_vault: Callable[[], Vault]
    engine: Callable[[EngineQuestion], EngineFacts]
    server: Server | None = None
    credential: Credential | None = None
    link: SessionLink | None = None
    link_host: str = ""
    own: Mapping[str, OwnSignIn] = field(default_factory=dict)
    mesh: MeshSite | None = None
    hostname: str = ""
    online: int | None = None
    proxies: Proxies = field(default_factory=Proxies)


@dataclass
class Case:
    """Checks that come after one another write and read here; two that run together never share a field."""

    question: Question
    transport: Transport
    engine: EngineFacts | None = None
    credential: Credential | None = None
    rmm_presented: Presented = field(default_factory=Presented)
    rmm_ahead: float | None = None
    """By how many seconds this computer's clock is ahead of the RMM's; None when it is not known."""
    rmm_version: str = ""
    agents: tuple[NamedAgent, ...] = ()
    link: SessionLink | None = None
    link_host: str = ""
    link_online: bool | None = None
    """Whether the RMM calls the agent of the link online."""
    site: MeshSite | None = None
    guessed: bool = False
    plain: bool = False
    """Plain HTTP is spoken where MeshCentral's TLS should be."""
    door: FrontDoor | None = None
    mesh_ahead: float | None = None
    knocked: str = ""
    own: OwnSignIn | None = None
    cookies: MeshCookies | None = None
    held_off: bool = False
    addresses: tuple[str, ...] = ()
    """This computer's address as MeshCentral saw it, once for each connection that told."""
    account: MeshAccount | None = None
    settings: MeshSettings | None = None
    presented: Presented = field(default_factory=Presented)
    """What MeshCentral's host presents."""
    login_tokens: bool | None = None
    mesh_version: str = ""
    nodes: tuple[MeshNode, ...] | None = None
    secrets: list[Secret] = field(default_factory=list)

    @property
    def server(self) -> Server:
        """Only checks that need one are planned where there is one."""
        if self.question.server is None:
            raise TypeError("no server")
        return self.question.server

    def clean(self, text: str) -> str:
        """Without anything secret that came up, and without what looks like it."""
        for secret in list(self.secrets):
            if secret:
                text = text.replace(secret.reveal(), "(hidden)")
        return redacted(text)
