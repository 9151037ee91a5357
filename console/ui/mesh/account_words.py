"""What a MeshCentral account means, in words: in the session bar, its menu, and the page about the server."""

import msgspec

from console.sessions.entry_way import EntryWay
from console.sessions.mesh_accounts import KnownAccount, Standing
from console.transport import host_and_port

SYNC = "Sync Mesh with TRMM"
"""What the setting is called in Tactical RMM."""


class AccountLook(msgspec.Struct, frozen=True):
    """How an account is shown: an icon, the name of its colour in theme.Colours, and words."""

    icon: str
    colour: str
    words: str
    meaning: str


LOOKS = {
    Standing.OWN: AccountLook(
        "badge",
        "text",
        "Own account",
        "It reaches the machines that it was given rights to, and no others.",
    ),
    Standing.ADMINISTRATOR: AccountLook(
        "badge",
        "warning",
        "Own administrator account",
        "It is yours, and it is a full administrator of MeshCentral: whoever gets hold of its sessions can reach every "
        "machine. Ask for an account with the rights that you need.",
    ),
    Standing.SHARED: AccountLook(
        "shared",
        "warning",
        "Shared administrator account",
        "Any technician can reach every machine through it, whatever their role in the RMM allows, and MeshCentral "
        "cannot tell who it was. Ask the RMM's administrator to switch on "
        f"“{SYNC}” (Settings > Global Settings > MeshCentral): each technician then has an account of their own.",
    ),
}

WAYS = {
    EntryWay.LINK: "The RMM's session links",
    EntryWay.OWN: "Your own sign-in",
    EntryWay.KEY: "The emergency key",
}


def short(account: KnownAccount) -> str:
    """For a menu."""
    return f"MeshCentral: {LOOKS[account.standing].words.lower()}…"


def tip(account: KnownAccount) -> str:
    """For a tool tip: a few lines."""
    look = LOOKS[account.standing]
    lines = [f"{look.words}: {account.name}"]
    if account.standing is Standing.SHARED:
        lines.append("Any technician can reach every machine through it.")
    lines.append(seen(account))
    return "\n".join(lines)


def seen(account: KnownAccount) -> str:
    """The name that the remote user will see."""
    return f"The remote user sees the name “{account.shown_name}”."


def where(account: KnownAccount) -> str:
    return host_and_port(account.site.origin).removesuffix(":443")
