"""Each option of MeshCentral's that can be why a session fails, as far as it can be concluded from outside."""

import ipaddress
from urllib.parse import urlsplit

from console.mesh.outside import FrontDoor
from console.sessions.doctor.case import Case
from console.sessions.doctor.verdict import Outcome, failure, fine, skipped, warning

_ASK = "Whoever runs the server finds it in MeshCentral's config.json"

_UNSEEN = "MeshCentral does not answer as it should: it is not seen."


def user_allowed_ip(case: Case) -> Outcome:
    if case.door is not None and (case.door.status == 401 or 300 <= case.door.status < 400):
        return failure(
            "This computer's address is not let in.",
            f"{_ASK}, under settings or the domain: userAllowedIP, userBlockedIP. It has to hold the address that "
            "MeshCentral sees, which is that of a proxy where tlsOffload does not name it.",
        )
    return fine("This computer's address is let in.") if _door(case) else skipped(_UNSEEN)


def agent_allowed_ip(case: Case) -> Outcome:
    nodes, online = case.nodes, case.question.online
    if nodes is None:
        return skipped("That is seen only when MeshCentral takes the sign-in.")
    node = next((one for one in nodes if case.link is not None and one.node == case.link.mesh_node), None)
    advice = (
        f"{_ASK}: agentAllowedIP, agentBlockedIP have to let the machine's public address in. If they do, recover the "
        "Mesh agent from the agent's menu."
    )
    if case.link is not None and node is None:
        return warning(f"{case.link_host or 'The agent'} is not in MeshCentral's list: it may not be let in.", advice)
    if node is not None and not node.online and case.link_online is not False:
        return warning(f"{case.link_host} is online in the RMM and not in MeshCentral: it may not be let in.", advice)
    if online and not any(one.online for one in nodes):
        return warning("Agents are online in the RMM, and none in MeshCentral: they may not be let in.", advice)
    if node is not None and node.online:
        return fine(f"The agent of {case.link_host} is let in.")
    if any(one.online for one in nodes):
        return fine("Agents are let in.")
    return skipped("No agent is known to be online.")


def allow_login_token(case: Case) -> Outcome:
    if case.login_tokens is None:
        return skipped("That is seen only when MeshCentral takes the sign-in.")
    if case.login_tokens:
        return fine("It is on.")
    return warning(
        "It is off.",
        f"MeshCentral 1.1.55 takes the RMM's session links all the same; other versions do not. {_ASK}.",
    )


def allow_framing(case: Case) -> Outcome:
    if (door := _door(case)) is None:
        return skipped(_UNSEEN)
    if door.framing or (case.settings is not None and not case.settings.framing):
        return warning(
            "It is off, or a proxy forbids it.",
            f"This console does not need it; the RMM's own web page cannot show sessions without it. {_ASK}.",
            f"X-Frame-Options: {door.framing or 'not sent'}",
        )
    return fine("It is on.")


def cookie_ip_check(case: Case) -> Outcome:
    seen = tuple(dict.fromkeys(case.addresses))
    if not seen:
        return skipped("That is seen only when MeshCentral takes the sign-in.")
    if len(seen) > 1:
        return failure(
            f"MeshCentral sees this computer under changing addresses: {', '.join(seen)}.",
            "A sign-in holds for one address. Exempt MeshCentral from the proxy or VPN that changes them, or have "
            "cookieIpCheck eased (under settings in config.json).",
        )
    return fine(f"MeshCentral sees this computer as {seen[0]}.")


def tls_offload(case: Case) -> Outcome:
    if case.plain:
        return failure(
            "It is on, and no proxy that ends TLS stands in front of MeshCentral.",
            f"Either put the proxy there, or take tlsOffload away. {_ASK}.",
        )
    if (door := _door(case)) is None:
        return skipped(_UNSEEN)
    known = {True: "It is off.", False: "It is on.", None: ""}[door.secure_cookies]
    host = urlsplit(case.site.url).hostname if case.site else ""
    if case.addresses and _is_loopback(case.addresses[-1]) and host and not _is_loopback(host):
        return warning(
            f"{known} MeshCentral takes this computer for the proxy in front of it ({case.addresses[-1]}).".strip(),
            "tlsOffload or trustedProxy has to name the proxy's address: until then all technicians count as one, so "
            f"that one wrong sign-in too many bans everybody, and userAllowedIP means nothing. {_ASK}.",
        )
    if case.settings is not None and case.settings.certificate and case.presented.sha384:
        if case.settings.certificate != case.presented.sha384:
            return warning(
                f"{known} MeshCentral believes that another certificate is presented than the one that is.".strip(),
                "Agents go by it and may not connect: with a proxy that ends TLS certUrl has to lead to it, and "
                f"MeshCentral wants a restart after a renewal. {_ASK}.",
                f"SHA-384 expected {case.settings.certificate[:16]}…, presented {case.presented.sha384[:16]}…",
            )
        return fine(f"{known} The certificate is the one that MeshCentral expects.".strip())
    return fine(known) if known else skipped("MeshCentral set no cookie: it is not seen.")


def max_invalid(case: Case) -> Outcome:
    if case.knocked == "banned" or case.held_off:
        return failure(
            "This computer's address is held off after too many wrong sign-ins.",
            "Wait some minutes, or have an administrator of MeshCentral lift it (“badlogins reset” and “bad2fa reset” "
            f"in its console). {_ASK}: maxInvalidLogin, maxInvalid2fa.",
        )
    if not case.knocked:
        return skipped("No web socket came through: it is not seen.")
    return fine(
        "Sign-ins from this computer's address are not held off. Whether one-time codes are (maxInvalid2fa) is only "
        "seen with one: the RMM's session links need none."
    )


def high_quality(case: Case) -> Outcome:
    if case.settings is None:
        return skipped("That is seen only when MeshCentral takes the sign-in.")
    if case.settings.high_quality:
        return fine("It is on.")
    return warning("It is off.", f"The best picture qualities have no effect in control sessions. {_ASK}.")


def desktop_multiplex(case: Case) -> Outcome:
    return skipped(
        "This cannot be seen from outside.",
        "If control sessions stay black, or a second technician at one machine disturbs the first, have it looked at "
        "in config.json.",
    )


def _door(case: Case) -> FrontDoor | None:
    """What betrays the options: the page of MeshCentral itself, not that of something in front of it."""
    door = case.door
    return door if door is not None and door.familiar and door.status < 300 else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return host == "localhost"
