"""MeshCentral's administration channel, `control.ashx`: what the demo sets its server up with.

Messages as read in MeshCentral 1.1.55's `meshuser.js`.
"""

import time
import urllib.parse

import msgspec

from console.demo.mesh_socket import PATIENCE, MeshSocket
from console.problem import Problem
from console.secret import Secret


class Node(msgspec.Struct):
    """A node as `nodes` lists it. `conn` has bit 0 set while its agent is connected."""

    id: str = msgspec.field(name="_id")
    name: str = ""
    conn: int = 0


class Reply(msgspec.Struct):
    """What the demo reads of an answer. `result` is "ok" or MeshCentral's reason."""

    result: str | None = None
    meshid: str = ""
    nodes: dict[str, list[Node]] = {}


class _Message(msgspec.Struct):
    action: str = ""
    responseid: str | None = None
    cause: str | None = None


class ControlChannel(MeshSocket):
    """A signed-in connection to `control.ashx`."""

    def __init__(self, port: int, fingerprint: str, token: Secret) -> None:
        """Connects with a login token. Raises Problem."""
        self._count = 0
        try:
            super().__init__(port, fingerprint, f"/control.ashx?auth={urllib.parse.quote(token.reveal(), safe='')}")
        except OSError as error:
            raise _lost(error) from error

    def ask(self, action: str, **fields: object) -> Reply:
        """Sends one command and waits for its answer. Raises Problem when MeshCentral refuses it or goes away."""
        self._count += 1
        number = f"demo{self._count}"
        try:
            self.send(msgspec.json.encode({"action": action, "responseid": number, **fields}).decode())
            deadline = time.monotonic() + PATIENCE
            while (message := self.receive(deadline)) is not None:
                head = _decoded(message)
                if head.responseid == number:
                    reply = msgspec.json.decode(message, type=Reply)
                    if reply.result not in (None, "ok"):
                        raise Problem(
                            "The demo's MeshCentral refused a step of its set-up.", "", f"{action}: {reply.result}"
                        )
                    return reply
                if head.action == "close":
                    raise Problem("The demo's MeshCentral closed its administration channel.", "", head.cause or "")
        except msgspec.MsgspecError as error:
            raise Problem("The demo's MeshCentral gave an answer of another form.", "", f"{action}: {error}") from error
        except OSError as error:
            raise _lost(error) from error
        raise Problem("The demo's MeshCentral does not answer.", "Start the demo again.", action)

    def wait_for_event(self, seconds: float) -> None:
        """Waits until the server reports anything by itself, but no longer than this."""
        try:
            deadline = time.monotonic() + seconds
            while (message := self.receive(deadline)) is not None:
                if _decoded(message).action == "event":
                    return
        except OSError as error:
            raise _lost(error) from error


def _decoded(message: bytes) -> _Message:
    try:
        return msgspec.json.decode(message, type=_Message)
    except msgspec.MsgspecError:
        return _Message()


def _lost(error: OSError) -> Problem:
    return Problem("The demo's MeshCentral went away.", "Start the demo again.", str(error))
