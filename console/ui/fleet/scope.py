"""What a technician has chosen to look at: everything, a client, a site, the favourites, or the latest."""

import msgspec

from console.fleet import bookmarks
from console.fleet.bookmarks import Bookmarks, View
from console.fleet.query.tree import EVERYTHING, Among, Is, Node, Within


class Scope(msgspec.Struct, frozen=True):
    """`title` is what it is called, `icon` how it is marked. `client` and `site` are set where it is one, `among` where
    it is the favourites or the latest, as a view has it."""

    title: str
    icon: str
    node: Node
    client: str = ""
    site: str = ""
    among: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others: the latest agents are other ones each time."""
        return self.title, self.client, self.site


ALL = Scope("All agents", "list", EVERYTHING)
FAVOURITES = Scope("Favourites", "star", Is("favourite"), among=bookmarks.FAVOURITES)


def of_client(client: str, site: str = "") -> Scope:
    title = f"{client} / {site}" if site else client
    return Scope(title or "Unknown client", "client", Within(client, site), client, site)


def of_recent(agent_ids: tuple[str, ...]) -> Scope:
    return Scope("Recent", "clock", Among(frozenset(agent_ids)), among=bookmarks.RECENT)


def of_view(view: View, now: Bookmarks) -> Scope:
    """What a view looks at, with the bookmarks as they are now."""
    if view.among == bookmarks.FAVOURITES:
        return FAVOURITES
    if view.among == bookmarks.RECENT:
        return of_recent(now.recent)
    return of_client(view.client, view.site) if view.client else ALL
