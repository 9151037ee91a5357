"""What a technician has chosen to look at: everything, a client, a site, the favourites, or the latest."""

import msgspec

from console.fleet.query.tree import EVERYTHING, Among, Is, Node, Within


class Scope(msgspec.Struct, frozen=True):
    """`title` is what it is called, `icon` how it is marked. `client` and `site` are set where it is one."""

    title: str
    icon: str
    node: Node
    client: str = ""
    site: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others: the latest agents are other ones each time."""
        return self.title, self.client, self.site


ALL = Scope("All agents", "list", EVERYTHING)
FAVOURITES = Scope("Favourites", "star", Is("favourite"))


def of_client(client: str, site: str = "") -> Scope:
    title = f"{client} / {site}" if site else client
    return Scope(title or "Unknown client", "client", Within(client, site), client, site)


def of_recent(agent_ids: tuple[str, ...]) -> Scope:
    return Scope("Recent", "clock", Among(frozenset(agent_ids)))
