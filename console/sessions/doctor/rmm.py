"""The RMM: whether it answers, whether it takes the sign-in, what the role allows, and a session link."""

from console.mesh.link import parse
from console.mesh.session_kind import SessionKind
from console.rmm import reach, rights
from console.rmm.address import host_name
from console.rmm.calls import Calls
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey, Credential, SessionToken
from console.rmm.errors import NotAllowed
from console.rmm.models import AgentStatus
from console.sessions.doctor import times, tls
from console.sessions.doctor.case import Case
from console.sessions.doctor.verdict import Outcome, failure, fine, skipped, warning
from console.sessions.doctor.versions import expected_mesh
from console.vault.errors import VaultProblem
from console.vault.store import Kind

_PERMISSIONS = "Settings > Permissions Manager"
LISTING = "can_list_agents"


def reached(case: Case) -> Outcome:
    case.rmm_presented = tls.reach(case.server.address, case.transport)
    return fine(f"There is a connection to {host_name(case.server.address)}.")


def certificate(case: Case) -> Outcome:
    return tls.look(case.server.address, case.rmm_presented, case.server.pins)


def answers(case: Case) -> Outcome:
    found = reach.reach(case.server.address, case.transport)
    case.rmm_ahead = times.ahead(found.date)
    return fine(f"The API of Tactical RMM answers at {host_name(case.server.address)}.")


def clock(case: Case) -> Outcome:
    return times.judge(case.rmm_ahead, "the RMM")


def sign_in(case: Case) -> Outcome:
    credential = case.question.credential or _kept(case)
    if credential is None:
        return skipped(
            "Nobody is signed in to this server here.", "Sign in to it in the console, then look again from there."
        )
    case.secrets.append(credential.secret)
    info = RmmClient(case.server.address, case.transport, credential).dash_info()
    case.credential, case.rmm_version = credential, info.trmm_version
    how = "the API key" if isinstance(credential, ApiKey) else "the session"
    who = f" of {case.server.username}" if case.server.username and isinstance(credential, SessionToken) else ""
    return fine(f"The RMM takes {how}{who}.")


def version(case: Case) -> Outcome:
    said = f"Tactical RMM {case.rmm_version}"
    mesh = expected_mesh(case.rmm_version)
    return fine(f"{said}; it comes with MeshCentral {mesh}." if mesh else f"{said}.")


def role(case: Case) -> Outcome:
    """Reading only: whether it may act is only seen by acting."""
    calls = Calls(case.server.address, case.transport, _credential(case))
    try:
        case.agents = rights.agents(calls)
    except NotAllowed:
        others = rights.probe(calls, None)
        return failure(
            f"The role does not allow to list agents ({LISTING}).",
            f"Ask an administrator of the RMM: {_PERMISSIONS}.",
            f"Allowed: {', '.join(others.allowed) or 'nothing that was tried'}",
        )
    found = rights.probe(calls, case.agents[0].agent_id if case.agents else None)
    allowed = ", ".join((LISTING, *found.allowed))
    said = f"{len(case.agents):,} agent{'' if len(case.agents) == 1 else 's'} can be seen."
    if not case.agents:
        return warning(
            "No agent can be seen.",
            f"The role may be limited to clients and sites without agents: {_PERMISSIONS} in the RMM's web page.",
            f"Allowed: {allowed}",
        )
    if found.refused:
        return warning(
            f"{said} The role does not allow {', '.join(found.refused)}.",
            "Those parts of the details stay empty. If you need them, ask an administrator of the RMM.",
            f"Allowed: {allowed}",
        )
    return fine(f"{said} Reading is allowed; whether you may act is only seen by acting.", f"Allowed: {allowed}")


def session_link(case: Case) -> Outcome:
    """Asks for one only where the technician said so: the RMM writes each asking into its audit log."""
    question = case.question
    if question.link is not None:
        case.link, case.link_host = question.link, question.link_host
        if question.link.token:
            case.secrets.append(question.link.token)
        return fine("There is a fresh one from a session of this run; the RMM was not asked.")
    if not question.hostname:
        return skipped(
            "Not asked for: the RMM writes each asking into its audit log.",
            "Name an agent that is online, and check again: then the sign-in to MeshCentral is looked at as well.",
        )
    if not case.agents:
        return skipped("Not asked for: no agent can be seen, see above.")
    wanted = question.hostname.casefold()
    agent = next((one for one in case.agents if one.hostname.casefold() == wanted), None)
    if agent is None:
        return failure(f"There is no agent {question.hostname} that you can see.", "Check the name.")
    links = RmmClient(case.server.address, case.transport, _credential(case)).mesh_links(agent.agent_id)
    case.secrets += [links.control, links.terminal, links.file]
    case.link = parse(links.control, SessionKind.CONTROL, agent.hostname)
    case.link_host = agent.hostname
    case.link_online = links.status is AgentStatus.ONLINE
    if case.link.token is None:
        return fine("The RMM made one. It holds no login: you sign in to MeshCentral yourself.")
    case.secrets.append(case.link.token)
    return fine(f"The RMM made one for {agent.hostname}; it leads to {case.link.origin}")


def _kept(case: Case) -> Credential | None:
    """What the keyring holds to sign in with. What is wrong with the keyring has a line of its own."""
    try:
        vault = case.question.open_vault()
        token = vault.get(case.server.id, Kind.SESSION_TOKEN)
        key = None if token else vault.get(case.server.id, Kind.API_KEY)
    except VaultProblem:
        return None
    return SessionToken(token) if token else ApiKey(key) if key else None


def _credential(case: Case) -> Credential:
    if case.credential is None:
        raise TypeError("planned after the sign-in")
    return case.credential
