"""What an RMM server may answer instead of what was asked for, worded once."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from console.problem import Problem
from console.rmm import texts
from console.rmm.credentials import API_KEY_PLACE, ApiKey, Credential
from console.secret import Secret
from console.transport import Answer

_LONGEST_WAIT = 86_400


class RmmProblem(Problem):
    """The RMM server answered, but not with what was asked for."""


class SignInAgain(RmmProblem):
    """The session token or API key is not accepted (any more): any 401."""


class NotAllowed(RmmProblem):
    """The user's role does not allow it, or the object is outside of the role's clients and sites: 403."""


class NotFound(RmmProblem):
    """The object does not exist (any more): 404 in JSON."""


class Throttled(RmmProblem):
    """Too many requests: 429. `seconds` is how long the server wants us to wait."""

    def __init__(self, seconds: int, what: str, advice: str, detail: str = "") -> None:
        super().__init__(what, advice, detail)
        self.seconds = seconds


class ServerFailed(RmmProblem):
    """The server, or the proxy in front of it, failed: 5xx."""


class BadRequest(RmmProblem):
    """The server refused what was sent: 400. `text` is what it said, as it may be shown."""

    def __init__(self, text: str, what: str, advice: str, detail: str = "") -> None:
        super().__init__(what, advice, detail)
        self.text = text


NATS_DOWN = "natsdown"
SILENT = frozenset({"Unable to contact the agent", "timeout", NATS_DOWN})
"""What the server says when an agent did not answer it; the last two may come with status 200 (rmm-api, actions)."""

_NOT_WINDOWS = "Please use 'Recover Connection' instead."


class AgentSilent(RmmProblem):
    """The agent did not answer the server, or the server's own connection to the agents is down.

    `asked_nothing` is whether it is sure that the agent has not heard of it.
    """

    def __init__(self, what: str, advice: str = "", detail: str = "", *, asked_nothing: bool = False) -> None:
        super().__init__(what, advice, detail)
        self.asked_nothing = asked_nothing


class NotOnThisSystem(RmmProblem):
    """The agent's operating system has no such service: Linux and macOS."""


class AgentRefused(RmmProblem):
    """The agent answered, but did not do what was asked. `text` is what it said."""

    def __init__(self, text: str, call: "Call", host: str) -> None:
        super().__init__(
            f"The agent could not do this ({call.purpose})" + (f": {text}" if text else "."),
            "Look at the machine in the RMM's web page.",
            f"{call.purpose}: {host} passed on what the agent said.",
        )
        self.text = text


class Unexpected(RmmProblem):
    """An answer that a Tactical RMM server does not give: a web page, a redirect, wrong types."""


class Call(msgspec.Struct, frozen=True):
    """What a request is for, in words, and the right that it needs as a role names it ("" when none)."""

    purpose: str
    right: str = ""


def of_answer(
    answer: Answer, call: Call, host: str, credential: Credential | None, sent: Sequence[Secret] = ()
) -> RmmProblem:
    """The error for an answer whose status is not a success.

    `sent` are the secrets of the request, `credential` apart: none of them gets into the texts.
    """
    secrets = (*sent, credential.secret) if credential else tuple(sent)
    text = texts.error_text(answer.body, secrets)
    technical = f"{call.purpose}: HTTP {answer.status} {texts.without(content_type(answer), secrets)}"
    technical += f", {text}" if text else ""
    in_json = content_type(answer) == "application/json"
    match answer.status:
        case 401:
            return _sign_in_again(text, host, credential, technical)
        case 403 if in_json:
            return _not_allowed(call, host, technical)
        case 404 if in_json:
            return NotFound(
                f"{host} does not know what was asked for ({call.purpose}).",
                "It may have been deleted since the list was loaded: refresh the list.",
                technical,
            )
        case 429:
            seconds = _wait(answer, text)
            return Throttled(
                seconds,
                f"{host} asks to wait {duration(seconds)}: too many requests came from this network address.",
                "Try again when the time is over.",
                technical,
            )
        case 400 if in_json:
            return BadRequest(
                text,
                f"{host} refused the request ({call.purpose})" + (f": {text}" if text else "."),
                "Refresh the list and try again.",
                technical,
            )
        case status if status >= 500:
            return _server_failed(status, call, host, technical)
        case status if 300 <= status < 400:
            target = texts.without(_host_of(answer.headers.get("Location", "")), secrets) or "another path"
            return Unexpected(
                f"{host} sends the request on ({call.purpose}), which the API of Tactical RMM does not do.",
                "Check the server address: it must be the API address, and no sign-in page may stand in front of it.",
                f"{technical}, to {target}",
            )
    return Unexpected(
        f"{host} gave an answer that Tactical RMM does not give ({call.purpose}).",
        "Check the server address. If it is right, a proxy in between or an unknown version of the server may be why.",
        technical,
    )


def of_agent(text: str, call: Call, host: str) -> RmmProblem:
    """The error for what the server says in place of an agent's answer."""
    technical = f"{call.purpose}: {host} answered “{text}”"
    if text == NATS_DOWN:
        return AgentSilent(
            f"{host} has lost its own connection to all agents ({call.purpose}).",
            "Nothing was asked of the machine. Tell whoever runs the server that NATS is down there.",
            technical,
            asked_nothing=True,
        )
    if text in SILENT:
        return AgentSilent(
            f"{host} could not reach the agent ({call.purpose}).",
            "Its machine may be off or without a network, or the RMM's own connection to its agents is down: "
            "try again when it answers.",
            technical,
        )
    if text == _NOT_WINDOWS:
        return NotOnThisSystem(
            "Only on Windows can the RMM restart the Mesh agent.",
            "Use “Recover Mesh connection” instead.",
            technical,
        )
    return AgentRefused(text, call, host)


def of_content(answer: Answer, call: Call, host: str, reason: str) -> Unexpected:
    """The error for a success whose body is not what the call answers. `reason` is the decoder's, without values."""
    technical = f"{call.purpose}: HTTP {answer.status} {content_type(answer)}, {reason}"
    if content_type(answer) == "text/html":
        return Unexpected(
            f"{host} answered with a web page instead of data ({call.purpose}).",
            "Check that this is the API address, and that no sign-in page of a network or proxy stands in front of it.",
            technical,
        )
    return Unexpected(
        f"{host} gave an answer that this console does not understand ({call.purpose}).",
        "Try again. If it stays so, this version of Tactical RMM may be newer than this console.",
        technical,
    )


def content_type(answer: Answer) -> str:
    """The media type of an answer in lower case, without parameters; "" when none is named."""
    return texts.one_line(answer.headers.get("Content-Type", "").partition(";")[0].strip().lower())[:80]


def duration(seconds: int) -> str:
    """A length of time in the largest unit that says enough: "59 seconds", "5 minutes", "3 hours"."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{-(-seconds // size)} {unit}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _sign_in_again(text: str, host: str, credential: Credential | None, technical: str) -> SignInAgain:
    inactive, expired = "inactive" in text.lower(), "expired" in text.lower()
    if not isinstance(credential, ApiKey):
        if inactive:
            return SignInAgain(
                f"Your user at {host} is inactive or was deleted.", "Ask an administrator of the RMM.", technical
            )
        return SignInAgain(
            f"Your sign-in at {host} has ended.", "Sign in again; what you have open stays as it is.", technical
        )
    if inactive:
        return SignInAgain(
            f"The user that the API key for {host} belongs to is inactive or was deleted.",
            "Ask an administrator of the RMM.",
            technical,
        )
    make_one = f"Make a new one in the RMM's web page ({API_KEY_PLACE}) and sign in with it."
    if expired:
        return SignInAgain(f"The API key for {host} has expired.", make_one, technical)
    return SignInAgain(f"{host} does not know this API key: it is mistyped, or was deleted.", make_one, technical)


def _not_allowed(call: Call, host: str, technical: str) -> NotAllowed:
    named = f" ({call.right})" if call.right else ""
    return NotAllowed(
        f"{host} does not allow you this: {call.purpose}.",
        f"Your role lacks the right{named}, or it is outside of the clients and sites that your role covers. "
        "Ask an administrator of the RMM.",
        technical,
    )


def _server_failed(status: int, call: Call, host: str, technical: str) -> ServerFailed:
    if status in (502, 503, 504):
        return ServerFailed(
            f"{host} is up, but the RMM behind it does not answer ({call.purpose}).",
            "It may be starting or being updated: try again in a minute, then ask whoever runs the server.",
            technical,
        )
    return ServerFailed(
        f"{host} had an error of its own ({call.purpose}).",
        "Try again. If it stays so, whoever runs the server finds the reason in its log.",
        technical,
    )


def _wait(answer: Answer, text: str) -> int:
    """Seconds from Retry-After (a number or a date), else from the text, else a minute."""
    value = answer.headers.get("Retry-After", "").strip()
    if not re.fullmatch(r"[0-9]{1,9}", value):
        found = re.search(r"available in ([0-9]{1,9}) second", text)
        value = found[1] if found else _seconds_until(value, answer.headers.get("Date", ""))
    return min(max(int(value), 1), _LONGEST_WAIT)


def _seconds_until(date: str, now: str) -> str:
    """By the server's own clock, where it says what time it has: this computer's may differ."""
    moment, sent = _moment(date), _moment(now) or datetime.now(UTC)
    return str(max(0, round((moment - sent).total_seconds()))) if moment else "60"


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (ValueError, OverflowError):
        return None


def _host_of(location: str) -> str:
    """The host alone: the rest of a redirect's target may hold a token."""
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""
