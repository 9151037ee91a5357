"""Whether the answer to `GET /` comes from a Tactical RMM API, and what it probably is when not."""

from dataclasses import dataclass

import msgspec

from console.rmm import errors, wire
from console.rmm.address import api_address_guess, host_name
from console.rmm.errors import Call
from console.rmm.refusals import WrongAddress
from console.transport import Answer, Transport

_REACH = Call("whether this is an RMM server")


@dataclass(frozen=True)
class Reached:
    """`leaf` is the fingerprint of the certificate, None on loopback http; `date` the header, "" when there is none."""

    leaf: str | None
    date: str


def reach(address: str, transport: Transport) -> Reached:
    """Makes sure that a Tactical RMM API answers here. Raises WrongAddress when it is something else."""
    answer = transport.send("GET", f"{address}/")
    check_reached(answer, _REACH, address)
    return Reached(answer.leaf, answer.headers.get("Date", ""))


def check_reached(answer: Answer, call: Call, address: str) -> None:
    """Raises WrongAddress, or another RmmProblem, unless the answer is {"status": "ok"}."""
    if answer.status == 200 and _says_ok(answer.body):
        return
    host = host_name(address)
    guess = api_address_guess(address)
    usual = f"Try {guess}." if guess else "The API is usually at https://api.DOMAIN."
    detail = f"{call.purpose}: HTTP {answer.status} {errors.content_type(answer)[:40]}"
    in_html = errors.content_type(answer) == "text/html"
    if answer.status == 400 and in_html:
        raise WrongAddress(
            f"The server at {host} does not go by this name.",
            f"Use the API address that it was set up with. {usual}",
            detail,
            guess,
        )
    if answer.status == 429 or answer.status >= 500:
        raise errors.of_answer(answer, call, host, None)
    if in_html and b"meshcentral" in answer.body[:100_000].lower():
        raise WrongAddress(
            f"{host} is MeshCentral, not the API of Tactical RMM.",
            f"Use the API address of the RMM. {usual}",
            detail,
            guess,
        )
    if answer.status in (200, 301, 302, 303, 307, 308) and (in_html or answer.status != 200):
        raise WrongAddress(
            f"{host} is the address of a web page, not of the API of Tactical RMM.",
            f"Use the API address. {usual}",
            detail,
            guess,
        )
    raise WrongAddress(f"{host} answers, but it is not Tactical RMM.", f"Use the API address. {usual}", detail, guess)


def _says_ok(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=wire.ReachBody).status == "ok"
    except (ValueError, RecursionError):
        return False
