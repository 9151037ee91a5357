"""What a session's page reports about itself: untrusted input with a schema.

The scripts in `resources/page/` send these as JSON through the page bridge; nothing else is taken from the
page.
"""

from typing import Annotated

import msgspec

_LONGEST = 4096
_Number = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_Text = Annotated[str, msgspec.Meta(max_length=300)]


class Report(msgspec.Struct, frozen=True, tag_field="fact"):
    """A fact that the page reports. `attempt` counts the page's connections: 0 before the first."""

    attempt: _Number = 0


class SignInShown(Report, frozen=True, tag="sign-in"):
    """MeshCentral's own sign-in page is there instead of the agent's page."""


class Ready(Report, frozen=True, tag="ready"):
    """The agent's page is there; it goes on to connect by itself. `online` is whether its agent is connected."""

    online: bool = True


class NodeMissing(Report, frozen=True, tag="node-missing"):
    """The list of nodes has come and this session's node is not in it."""


class Unfamiliar(Report, frozen=True, tag="unfamiliar"):
    """The page lacks what the script expects: the technician has to click Connect. `missing` names it."""

    missing: str = ""


class TunnelState(Report, frozen=True, tag="state"):
    """MeshCentral's state of the connection: 0 disconnected, 1 connecting, 2 set-up, 3 relayed to the agent."""

    state: _Number = 0


class FirstData(Report, frozen=True, tag="data"):
    """The agent sent the first tile, prompt or folder: the session can be worked with."""


class AgentMessage(Report, frozen=True, tag="message"):
    """A message of the agent about the connection; id 1 asks the remote user, 2 and above end the attempt."""

    id: _Number | None = None
    text: str | None = None


class TriedToLeave(Report, frozen=True, tag="left"):
    """Something in the page wanted to show another part of MeshCentral; it was kept from it."""


class Control(Report, frozen=True, tag="control"):
    """Whether the page's own connection to MeshCentral stands. Without it the page neither hears of the agent nor can
    connect again: it has to be loaded anew. A server that says nothing for a while counts as gone."""

    alive: bool = True


class AgentPresence(Report, frozen=True, tag="agent"):
    """Whether MeshCentral has a connection to the agent, when that changes after `Ready`."""

    online: bool = True


class FarEndAwake(Report, frozen=True, tag="awake"):
    """The connection ended while the agent goes on answering: something at the far end ended it, such as the shell."""


class Features(Report, frozen=True, tag="features"):
    """What this page can do for the session bar: a name of `FEATURES` maps to "" when it can, else to why not."""

    reasons: dict[str, _Text] = {}


class Display(msgspec.Struct, frozen=True):
    """One display of the agent. MeshCentral's `id` 65535 stands for all of them together."""

    id: _Number
    name: _Text = ""


class Displays(Report, frozen=True, tag="displays"):
    """The agent's displays, and the `id` of the one that is shown."""

    displays: Annotated[tuple[Display, ...], msgspec.Meta(max_length=32)] = ()
    shown: _Number = 0


class Picture(Report, frozen=True, tag="picture"):
    """How the desktop is sent: `quality` in per cent, `scaling` in per cent of the agent's size, and the least time
    between two pictures in milliseconds. `fit` is whether it is scaled to the view, `view_only` and `clipboard` say
    what SetViewOnly and ShareClipboard set."""

    quality: _Number = 0
    scaling: _Number = 0
    milliseconds: _Number = 0
    fit: bool = True
    view_only: bool = False
    clipboard: bool = False


class FolderShown(Report, frozen=True, tag="folder"):
    """The folder that a files session shows, as the agent writes it; "" is the list of its drives or roots."""

    path: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class BarsShown(Report, frozen=True, tag="bars"):
    """Whether the page's own bars are to be seen. `missing` names what was not found when they could not be hidden."""

    shown: bool = True
    missing: _Text = ""


FEATURES = (
    "connect", "keys", "type", "displays", "picture", "scaling", "scale", "view-only", "clipboard", "refresh",
    "screenshot", "bars",
)  # fmt: skip
"""The names that Features may hold. Each is a command of console.mesh.command, but "screenshot", and "scaling", which
is a part of "picture" that not every agent can do."""

AnyReport = (
    SignInShown
    | Ready
    | NodeMissing
    | Unfamiliar
    | TunnelState
    | FirstData
    | AgentMessage
    | TriedToLeave
    | Control
    | AgentPresence
    | FarEndAwake
    | Features
    | Displays
    | Picture
    | FolderShown
    | BarsShown
)
_DECODER: msgspec.json.Decoder[AnyReport] = msgspec.json.Decoder(AnyReport)


def decode(text: str) -> AnyReport | None:
    """The report, or None for anything that is not one."""
    if len(text) > _LONGEST:
        return None
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
