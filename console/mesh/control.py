"""MeshCentral's control channel, `control.ashx`, for a few questions: who am I, which nodes are there, which lasting
login tokens do I have, how is the server set up.

As read in MeshCentral 1.1.55 (meshuser.js): the server first says `serverinfo` and `userinfo` by itself; a command is
answered by a message of the same action. Whatever it says is untrusted: limited in size, decoded into types.
"""

import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Annotated, Self, TypeVar

import msgspec

from console.mesh.errors import ControlRefused, ControlSilent, MeshSignedOut
from console.mesh.exchange import MeshCookies
from console.mesh.file_errors import TunnelLost
from console.mesh.link import MeshSite, is_node
from console.secret import Secret
from console.transport import Transport, host_and_port

_SECONDS = 20.0
_LARGEST = 64 * 1024 * 1024
"""Bytes of one message: the list of ten thousand nodes has some 10 MB, one of fifty thousand 50."""
_SMALL = 1024 * 1024
"""Bytes of any other message that is looked into."""
_ALL_RIGHTS = 0xFFFFFFFF
_MOST_TOKENS = 1000
_MOST_NODES = 200_000
_NAME = 256
_AGENT_CONNECTED = 1
_FRAMING = 0x20
_HIGH_QUALITY = 0x200
"""Bits of the server's `features` (webserver.js, getDomainUserFeatures)."""
_Text = Annotated[str, msgspec.Meta(max_length=4096)]
M = TypeVar("M", bound="_Message")


class MeshAccount(msgspec.Struct, frozen=True):
    """The account that a sign-in got. `user_id` is "user/DOMAIN/name"; `real_name` may be ""; `administrator` is a
    full administrator of MeshCentral, who reaches every machine. Texts are the server's, at most 256 characters."""

    user_id: str
    name: str
    real_name: str
    administrator: bool

    @property
    def shown_name(self) -> str:
        """What the remote user is shown when the account connects."""
        return self.real_name or self.name


class MeshSettings(msgspec.Struct, frozen=True):
    """What the server says of itself to everybody who is signed in. `time` is its clock in Unix seconds, None when it
    does not say. `certificate` is the SHA-384 of the certificate that it believes to present, 96 hex digits or "".
    `framing` and `high_quality` are allowFraming and allowHighQualityDesktop."""

    time: float | None
    certificate: str
    framing: bool
    high_quality: bool


class MeshNode(msgspec.Struct, frozen=True):
    """A machine as MeshCentral lists it: its node id in MeshCentral's own form, and whether its agent is connected."""

    node: str
    name: str
    host: str
    online: bool


class LastingToken(msgspec.Struct, frozen=True):
    """A lasting login token as the list has it; `user` names it. `expires` is None for one that does not."""

    user: str
    name: str
    created: datetime | None
    expires: datetime | None


class NewToken(msgspec.Struct, frozen=True):
    """A lasting login token that was just made: what is typed in place of user name and password."""

    user: str
    password: Secret


class _Message(msgspec.Struct):
    action: str = ""


class _Head(_Message):
    cause: _Text | None = None


class _User(msgspec.Struct):
    _id: _Text = ""
    name: _Text | None = None
    realname: _Text | None = None
    siteadmin: int | float | None = None


class _UserInfo(_Message):
    userinfo: _User | None = None


class _Server(msgspec.Struct):
    serverTime: int | float | None = None
    tlshash: _Text | None = None
    features: int | None = None


class _ServerInfo(_Message):
    serverinfo: _Server | None = None


class _Console(_Message):
    value: _Text | None = None


class _Information(msgspec.Struct):
    meshVersion: _Text | None = None


class _Node(msgspec.Struct):
    id: str = msgspec.field(default="", name="_id")
    name: str | None = None
    rname: str | None = None
    conn: int | None = None


class _Nodes(_Message):
    nodes: dict[str, list[msgspec.Raw]] = {}
    result: _Text | None = None


class _Token(msgspec.Struct):
    tokenUser: _Text
    name: _Text | None = None
    created: float | None = None
    expire: float | None = None


class _Tokens(_Message):
    loginTokens: list[msgspec.Raw] = []


class _Made(_Message):
    tokenUser: _Text = ""
    tokenPass: _Text = ""
    result: _Text | None = None


class Control:
    """An open control channel; a context manager. Blocking. Every method raises a MeshProblem."""

    def __init__(self, site: MeshSite, session: MeshCookies, transport: Transport) -> None:
        """Opens it with the cookies of a sign-in. Raises MeshSignedOut, ControlSilent or a TransportProblem."""
        from console.mesh.web_socket import connected  # its library takes its time to load

        self._host = host_and_port(site.origin)
        try:
            self._socket = connected(transport, f"{site.sockets}control.ashx", {"Cookie": session.header}, _LARGEST)
        except TunnelLost as problem:
            raise ControlSilent(self._host, problem.detail) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def settings(self) -> MeshSettings:
        """What the server says of itself: by itself and once, before it says whose account it is."""
        said = self._answer("serverinfo", _ServerInfo).serverinfo
        if said is None:
            raise ControlSilent(self._host, "serverinfo holds nothing")
        features = said.features or 0
        return MeshSettings(
            said.serverTime / 1000 if said.serverTime else None,
            (said.tlshash or "").lower()[:96],
            bool(features & _FRAMING),
            bool(features & _HIGH_QUALITY),
        )

    def gives_login_tokens(self) -> bool:
        """Whether allowLoginToken is on: only then the server makes the account a token, which is dropped unread."""
        return self._ask_if_answered({"action": "logincookie"}, _Message) is not None

    def version(self) -> str:
        """The version of MeshCentral, "" when it is not told: only full administrators are, and not always."""
        command: dict[str, object] = {"action": "serverconsole", "value": "info", "tag": "console"}
        told = self._ask_if_answered(command, _Console)
        try:
            info = msgspec.json.decode((told and told.value) or "", type=_Information)
        except (msgspec.MsgspecError, RecursionError):
            return ""
        return (info.meshVersion or "").removeprefix("v")[:40]

    def account(self) -> MeshAccount:
        """Who is signed in: the server says so by itself, once, at the beginning."""
        user = self._answer("userinfo", _UserInfo).userinfo
        if user is None or not user._id.startswith("user/"):
            raise ControlSilent(self._host, "userinfo names no user")
        name = user.name or user._id.rpartition("/")[2]
        full = user.siteadmin in (_ALL_RIGHTS, -1)
        return MeshAccount(user._id[:_NAME], name[:_NAME], (user.realname or "")[:_NAME], full)

    def nodes(self) -> tuple[MeshNode, ...]:
        """Every machine that the account may see. A row that cannot be read costs itself."""
        answer = self._ask({"action": "nodes"}, _Nodes)
        if answer.result:
            raise ControlRefused(self._host, answer.result)
        found: list[MeshNode] = []
        for rows in answer.nodes.values():
            for row in rows[: _MOST_NODES - len(found)]:
                try:
                    node = msgspec.json.decode(row, type=_Node)
                except (msgspec.MsgspecError, RecursionError):
                    continue
                own = node.id.rpartition("/")[2]
                if is_node(own):
                    online = bool((node.conn or 0) & _AGENT_CONNECTED)
                    found.append(MeshNode(own, (node.name or "")[:_NAME], (node.rname or "")[:_NAME], online))
        return tuple(found)

    def tokens(self, remove: str = "") -> tuple[LastingToken, ...]:
        """The account's lasting login tokens, after the one that is named `remove` was revoked. The server says nothing
        to who signed in with such a token, or where they are switched off: ControlSilent."""
        command: dict[str, object] = {"action": "loginTokens"}
        if remove:
            command["remove"] = [remove]
        found: list[LastingToken] = []
        for row in self._ask(command, _Tokens).loginTokens[:_MOST_TOKENS]:
            try:
                token = msgspec.json.decode(row, type=_Token)
            except (msgspec.MsgspecError, RecursionError):
                continue
            name = (token.name or "")[:_NAME]
            found.append(LastingToken(token.tokenUser, name, _moment(token.created), _moment(token.expire)))
        return tuple(found)

    def make_token(self, name: str, minutes: int = 0) -> NewToken:
        """Makes a lasting login token with all rights of the account, 0 minutes for one that does not end. Not to be
        repeated by itself: each call makes one. Raises ControlRefused where they are switched off."""
        command = {"action": "createLoginToken", "name": name[:100], "expire": minutes, "responseid": "console"}
        made = self._ask(command, _Made)
        if made.result or not (made.tokenUser and made.tokenPass):
            raise ControlRefused(self._host, made.result or "no token came")
        return NewToken(made.tokenUser, Secret(made.tokenPass))

    def _ask(self, command: dict[str, object], kind: type[M]) -> M:
        try:
            self._socket.send(msgspec.json.encode(command).decode())
        except TunnelLost as problem:
            raise ControlSilent(self._host, problem.detail) from None
        return self._answer(str(command["action"]), kind)

    def _ask_if_answered(self, command: dict[str, object], kind: type[M]) -> M | None:
        """For what is answered to some only: the server answers in order, so that to a ping says that none comes."""
        try:
            for each in (command, {"action": "ping"}):
                self._socket.send(msgspec.json.encode(each).decode())
        except TunnelLost as problem:
            raise ControlSilent(self._host, problem.detail) from None
        action, deadline = str(command["action"]), time.monotonic() + _SECONDS
        first, message = self._next({action, "pong"}, deadline)
        if first == "pong":
            return None
        self._next({"pong"}, deadline)
        return _decoded(message, kind)

    def _answer(self, action: str, kind: type[M]) -> M:
        deadline = time.monotonic() + _SECONDS
        while True:
            _, message = self._next({action}, deadline)
            if (answer := _decoded(message, kind)) is not None:
                return answer

    def _next(self, actions: set[str], deadline: float) -> tuple[str, str | bytes]:
        """The next message with one of these actions. Raises MeshSignedOut or ControlSilent."""
        try:
            while (message := self._socket.receive(deadline - time.monotonic())) is not None:
                head = _decoded(message, _Head)
                if head is None:
                    continue
                if head.action == "close":
                    raise MeshSignedOut(self._host, head.cause or "")
                if head.action in actions:
                    return head.action, message
        except TunnelLost as problem:
            raise ControlSilent(self._host, problem.detail) from None
        raise ControlSilent(self._host, f"no answer to {' or '.join(sorted(actions - {'pong'}) or actions)}")


def _decoded(message: str | bytes, kind: type[M]) -> M | None:
    if len(message) > _SMALL and kind not in (_Nodes, _Head):
        return None
    try:
        return msgspec.json.decode(message, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _moment(milliseconds: float | None) -> datetime | None:
    """A moment as MeshCentral writes it, None for 0 and for what is none."""
    if not milliseconds:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
