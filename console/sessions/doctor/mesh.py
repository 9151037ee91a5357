"""MeshCentral: where it is, whether it and its web sockets are reached, whether it takes the sign-in, whose account
that is, and whether it has a connection to the agent."""

from console.mesh import exchange, outside, sign_in
from console.mesh.control import Control
from console.mesh.engine_facts import EngineQuestion
from console.mesh.errors import MeshProblem, MeshSignedOut, OwnSignInRefused, SignInHeldOff, TokenRefused
from console.mesh.exchange import MeshCookies, seen_address
from console.mesh.file_errors import TunnelLost
from console.mesh.link import MeshSite, site_of
from console.secret import Secret
from console.sessions.doctor import proxies, times, tls
from console.sessions.doctor.case import Case
from console.sessions.doctor.verdict import Outcome, failed_by, failure, fine, skipped, warning
from console.sessions.doctor.versions import expected_mesh, numbers
from console.sessions.entry_way import EntryWay
from console.sessions.mesh_accounts import Standing, known
from console.sessions.mesh_secrets import read_key, read_sign_ins
from console.sessions.own_sign_in import OwnSignIn
from console.transport import TimedOut, TransportProblem, Unreachable, host_and_port
from console.vault.errors import VaultProblem

SYNC = "“Sync Mesh with TRMM” (Settings > Global Settings > MeshCentral)"


def address(case: Case) -> Outcome:
    """From what is surest: a session link, what the technician says, what is kept; else it is guessed."""
    question = case.question
    kept, by_key = _kept(case)
    if case.link is not None:
        case.site, how = case.link.site, "The session link says so."
    elif question.mesh is not None:
        case.site, how = question.mesh, "You gave this address."
    elif kept:
        case.site, how = site_of(next(iter(kept))), "Your own sign-in there is kept."
    elif by_key is not None:
        case.site, how = by_key, "The emergency key is for there."
    elif (pinned := _pinned(case)) is not None:
        case.site, how = pinned, "Its certificate was trusted here."
    elif (guess := _guess(case.server.address)) is not None:
        case.site, case.guessed, how = guess, True, "This is a guess: the RMM tells it only in session links."
    else:
        return skipped(
            "Where MeshCentral is, the RMM tells only in session links.",
            "Name an agent to ask for one, or give MeshCentral's address.",
        )
    case.own = {**kept, **question.own}.get(case.site.url)
    if case.own is not None:
        case.secrets.append(case.own.password)
    return fine(f"{case.site.url}\n{how}")


def reached(case: Case) -> Outcome:
    site = _site(case)
    try:
        case.presented = tls.reach(site.url, case.transport)
    except (Unreachable, TimedOut) as problem:
        case.plain = outside.speaks_plainly(site)
        if case.plain:
            return failure(
                f"{host_and_port(site.origin)} speaks plain HTTP where it should be encrypted.",
                "MeshCentral's tlsOffload is on and no proxy that ends TLS stands in front of it, or the address leads "
                "past that proxy: ask whoever runs the server.",
                problem.report(),
            )
        return _not_there(case, problem)
    return fine(f"There is a connection to {host_and_port(site.origin)}.")


def certificate(case: Case) -> Outcome:
    return tls.look(_site(case).url, case.presented, case.server.pins)


def answers(case: Case) -> Outcome:
    site = _site(case)
    door = case.door = outside.front_door(site, case.transport)
    case.mesh_ahead = times.ahead(door.date)
    host, technical = host_and_port(site.origin), f"HTTP {door.status} for {site.url}"
    if door.status == 401:
        return failure(
            f"MeshCentral at {host} lets no users in from this computer's address.",
            "Its userAllowedIP does not hold this address, or its userBlockedIP does: ask whoever runs the server to "
            "let it in. A VPN or proxy changes the address.",
            technical,
        )
    if 300 <= door.status < 400:
        return failure(
            f"MeshCentral at {host} sends this computer on{f' to {door.location}' if door.location else ''}.",
            "That is done with addresses that are not let in (ipBlockedUserRedirect, userAllowedIP), and by sign-in "
            "pages of networks and proxies in front of the server.",
            technical,
        )
    if door.status >= 400:
        return failure(
            f"{host} answers with an error ({door.status}).",
            "MeshCentral may be down behind its proxy, or restarting. Ask whoever runs the server.",
            technical,
        )
    if not door.familiar:
        return failure(
            f"What answers at {host} is not MeshCentral.",
            "Check the address. A sign-in page of a network or a proxy may stand in front of it.",
            technical,
        )
    return fine(f"MeshCentral answers at {host}.")


def clock(case: Case) -> Outcome:
    outcome = times.judge(case.mesh_ahead, "MeshCentral's server")
    if case.mesh_ahead is None or case.rmm_ahead is None:
        return outcome
    apart = abs(case.mesh_ahead - case.rmm_ahead)
    if apart >= times.TOKENS_SUFFER:
        return failure(
            f"The clocks of the RMM and of MeshCentral differ by {round(apart / 60)} minutes.",
            "Login tokens that the RMM makes go by its clock and are refused by MeshCentral's when they look an hour "
            "old. Tell whoever runs the servers.",
        )
    return outcome


def sockets(case: Case) -> Outcome:
    """Without a sign-in MeshCentral takes the web socket, says why not, and closes it: that is what should be."""
    host = host_and_port(_site(case).origin)
    try:
        case.knocked = outside.knock(_site(case), case.transport)
    except (TunnelLost, TransportProblem) as problem:
        return failure(
            f"Web sockets to MeshCentral at {host} do not come through, ordinary requests do.",
            "Something in between does not let them through: the proxy in front of MeshCentral (it has to pass on "
            "Upgrade and Connection), a proxy of this network, or a virus scanner that looks into connections.",
            problem.report(),
        )
    if case.knocked == outside.BANNED:
        return failure(
            f"MeshCentral at {host} has banned this computer's address for a while.",
            "Too many sign-ins from there, or from its neighbours, were refused (maxInvalidLogin). Wait some minutes; "
            "an administrator of MeshCentral can lift it (“badlogins reset” in its console).",
            "control.ashx: banned",
        )
    return fine("Web sockets come through.", f"control.ashx: {case.knocked}")


def page(case: Case) -> Outcome:
    site = _site(case)
    pin = case.server.pins.get(host_and_port(site.origin), "")
    url, ways = f"{site.url}robots.txt", case.question.proxies
    proxy = ways.route(url)
    known = ways.known(proxy) if proxy else None
    user, password = (known.user, known.password) if known else ("", Secret(""))
    case.secrets.append(password)
    facts = case.question.engine(EngineQuestion(url, pin, ways.flags(), user, password.reveal()))
    if facts.page is None:
        return skipped("The web engine does not say.")
    return proxies.page(facts.page.error, facts.page.leaf, pin, facts.page.proxy)


def login(case: Case) -> Outcome:
    link, site, own = case.link, _site(case), case.own
    try:
        if link is not None and link.token is not None:
            case.cookies = exchange.exchange(link, case.transport)
            said = "MeshCentral takes the login token of the session link."
        elif own is not None:
            signed_in = sign_in.sign_in(site, own.user, own.password, case.transport)
            if signed_in.asks_more:
                return skipped("MeshCentral wants more than your password, such as a one-time code.")
            case.cookies = signed_in.cookies
            said = "MeshCentral takes your own sign-in."
        else:
            return skipped(
                "There is no login at hand to look at.",
                "Name an agent, and check again: the RMM makes a login with its session link.",
            )
    except SignInHeldOff as problem:
        case.held_off = True
        return failure(
            problem.what,
            "Too many were refused (maxInvalidLogin, for one-time codes maxInvalid2fa). Wait some minutes; an "
            "administrator of MeshCentral can lift it (“badlogins reset”, “bad2fa reset” in its console).",
        )
    except TokenRefused as problem:
        return failure(
            problem.what,
            f"{_why_refused(case)}The RMM may have another login token key than MeshCentral, or MeshCentral may not "
            f"allow such tokens (allowLoginToken, loginCookieEncryptionKey). Ask the RMM's administrator to look at "
            "Settings > Global Settings > MeshCentral.",
            problem.detail,
        )
    except OwnSignInRefused as problem:
        return failed_by(problem)
    case.secrets += case.cookies.cookies.values()
    _saw(case, case.cookies)
    return fine(said)


def account(case: Case) -> Outcome:
    site, cookies = _site(case), case.cookies
    if cookies is None:
        raise TypeError("planned after the sign-in")
    try:
        with Control(site, cookies, case.transport) as control:
            case.settings = control.settings()
            case.account = control.account()
            case.login_tokens = control.gives_login_tokens()
            case.mesh_version = control.version()
            case.nodes = control.nodes()
    except MeshSignedOut as problem:
        return _not_taken(case, problem)
    way = EntryWay.LINK if case.link is not None and case.link.token is not None else EntryWay.OWN
    one = known(site, way, case.account)
    said = f"{one.name}: {one.standing}. The remote user sees “{one.shown_name}”."
    if one.standing is Standing.SHARED:
        return warning(
            f"{said} Any technician can reach every machine through it.",
            f"The RMM's administrator should switch on {SYNC}.",
        )
    return fine(said)


def version(case: Case) -> Outcome:
    expected = expected_mesh(case.rmm_version)
    belongs = f"Tactical RMM {case.rmm_version} comes with {expected}" if expected else ""
    if not case.mesh_version:
        said = "MeshCentral tells its version to full administrators only."
        return skipped(f"{said} {belongs}.".strip(" ") if belongs else said)
    said = f"MeshCentral {case.mesh_version}"
    if not expected:
        return fine(f"{said}.")
    if case.mesh_version == expected:
        return fine(f"{said}, as {belongs}.".replace("as Tactical", "as it should be: Tactical"))
    older = numbers(case.mesh_version) < numbers(expected)
    return warning(
        f"{said}; {belongs}.",
        "Update it with the RMM's own update script: sessions may lack something meanwhile."
        if older
        else "It is newer than what the RMM was made for: if the RMM's own work with it fails, this may be why.",
    )


def agents(case: Case) -> Outcome:
    """Whether MeshCentral has connections to the machines that the RMM calls online."""
    nodes = case.nodes or ()
    connected = sum(node.online for node in nodes)
    machines = "1 machine" if len(nodes) == 1 else f"{len(nodes):,} machines"
    said = f"MeshCentral shows {machines} to this account and is connected to {connected:,}."
    link = case.link
    if link is not None:
        node = next((node for node in nodes if node.node == link.mesh_node), None)
        name = case.link_host or "the agent"
        if node is None:
            return failure(
                f"MeshCentral does not show {name} to this account.",
                f"With {SYNC} rights are made within a few minutes. If it stays so, the machine was removed from "
                "MeshCentral, or its Mesh agent never got in (agentAllowedIP).",
                said,
            )
        if not node.online and case.link_online is not False:
            return failure(
                f"The RMM hears from {name}, MeshCentral has no connection to it.",
                "Its Mesh agent may be stopped (recover it from the agent's menu), or MeshCentral does not let it in: "
                "agentAllowedIP or agentBlockedIP, or a certificate that it does not expect (see tlsOffload).",
                said,
            )
    online = case.question.online
    if online and not connected:
        return failure(
            f"{said} The RMM calls {online:,} online.",
            "MeshCentral may let no agents in: agentAllowedIP or agentBlockedIP, or a certificate in front of it that "
            "the agents do not expect (see tlsOffload). Ask whoever runs the server.",
        )
    return fine(f"{said}{f' The RMM calls {online:,} online.' if online is not None else ''}")


def _not_there(case: Case, problem: TransportProblem) -> Outcome:
    if case.guessed:
        return skipped(
            f"Nothing answers at the address that was guessed. {problem.what}",
            "Name an agent to ask the RMM for a session link, or give MeshCentral's address.",
        )
    return failure(
        problem.what,
        f"Remote sessions go there straight from this computer, past the RMM. {problem.advice} A firewall or VPN of "
        "this network may let only the RMM through.",
        problem.detail,
    )


def _not_taken(case: Case, problem: MeshSignedOut) -> Outcome:
    """The login was taken and the web socket was not: another address, or an account that does not exist."""
    link = case.link
    if problem.cause == "noauth" and link is not None and link.token is not None:
        try:
            again = exchange.exchange(link, case.transport)
        except (MeshProblem, TransportProblem):
            return failed_by(problem)
        case.secrets += again.cookies.values()
        _saw(case, again)
        if len(set(case.addresses)) < 2:
            return failure(
                "MeshCentral takes the login and then knows no such user.",
                f"The RMM signs you in as a Mesh user that does not exist there. With {SYNC} new users are made within "
                "a few minutes; without it the user name in those settings has to exist in MeshCentral.",
                problem.detail,
            )
        return failure(
            "This computer reaches MeshCentral from changing addresses, and a login holds for one only.",
            "A proxy or VPN changes them. Have MeshCentral's address exempted, or its cookieIpCheck eased.",
            problem.detail,
        )
    return failed_by(problem)


def _why_refused(case: Case) -> str:
    if case.mesh_ahead is not None and case.rmm_ahead is not None:
        apart = abs(case.mesh_ahead - case.rmm_ahead)
        if apart >= times.TOKENS_SUFFER:
            return f"The clocks of the two servers differ by {round(apart / 60)} minutes: that is the likely cause. "
    return ""


def _saw(case: Case, cookies: MeshCookies) -> None:
    if seen := seen_address(cookies):
        case.addresses = (*case.addresses, seen)


def _kept(case: Case) -> tuple[dict[str, OwnSignIn], MeshSite | None]:
    """The technician's own sign-ins, and where the emergency key leads: the key itself is not used."""
    try:
        vault = case.question.open_vault()
        key = read_key(vault, case.server.id)
        return read_sign_ins(vault, case.server.id), key.site if key else None
    except VaultProblem:
        return {}, None


def _pinned(case: Case) -> MeshSite | None:
    own = host_and_port(case.server.address)
    others = [host for host in case.server.pins if host != own]
    return site_of(f"https://{others[0]}") if len(others) == 1 else None


def _guess(api: str) -> MeshSite | None:
    name = api.removeprefix("https://api.")
    return site_of(f"https://mesh.{name}") if name != api else None


def _site(case: Case) -> MeshSite:
    if case.site is None:
        raise TypeError("planned after the address")
    return case.site
