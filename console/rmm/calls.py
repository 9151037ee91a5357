"""How a call is made on one RMM server for one technician: what every part of the API's client shares."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from console.problem import Problem
from console.rmm import errors, wire
from console.rmm.address import host_name
from console.rmm.credentials import Credential
from console.rmm.errors import Call
from console.rmm.texts import SHOWN_CHARACTERS, one_line
from console.transport import MEGABYTE, Answer, Transport

T = TypeVar("T")


class Calls:
    """`address` is what `api_address` answers.

    Every call blocks, may be made from any thread, and raises an RmmProblem or a TransportProblem.
    """

    def __init__(self, address: str, transport: Transport, credential: Credential) -> None:
        self.host = host_name(address)
        self._address = address
        self._transport = transport
        self._credential = credential

    def ask_agent(self, path: str, call: Call, *, seconds: float, json: object = None) -> str:
        """Has the server ask something of an agent, once; what it answers in words."""
        try:
            answer = self.send("POST", path, call, seconds=seconds, json=json)
        except errors.BadRequest as problem:
            raise errors.of_agent(problem.text, call, self.host) from None
        said = one_line(decoded(answer, str, call, self.host))[:SHOWN_CHARACTERS]
        if said in errors.SILENT:  # comes with status 200 too
            raise errors.of_agent(said, call, self.host)
        return said

    def get(
        self, path: str, call: Call, *, seconds: float = 30.0, limit: int = MEGABYTE, repeat: bool = True
    ) -> Answer:
        return self.send("GET", path, call, seconds=seconds, limit=limit, repeat=repeat)

    def send(
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
            raise errors.of_answer(answer, call, self.host, self._credential)
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
