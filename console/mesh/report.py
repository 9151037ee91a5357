"""What a session's page reports about itself: untrusted input with a schema.

The script `resources/page/agent_page.js` sends these as JSON through the page bridge; nothing else is taken from the
page.
"""

from typing import Annotated

import msgspec

_LONGEST = 4096
_Number = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


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


AnyReport = SignInShown | Ready | NodeMissing | Unfamiliar | TunnelState | FirstData | AgentMessage | TriedToLeave
_DECODER: msgspec.json.Decoder[AnyReport] = msgspec.json.Decoder(AnyReport)


def decode(text: str) -> AnyReport | None:
    """The report, or None for anything that is not one."""
    if len(text) > _LONGEST:
        return None
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
