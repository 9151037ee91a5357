"""What a technician keeps of one server's fleet: favourites, whom they worked on last, and views with names.

Agent ids and the texts of queries only: what an agent is called stands in no file of this.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from console import files
from console.problem import Problem

MOST_RECENT = 20
MOST_VIEWS = 50
FAVOURITES = "favourites"
RECENT = "recent"


class ViewColumn(msgspec.Struct, frozen=True):
    """A column of a view. `width` is in device-independent pixels."""

    name: str
    width: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    hidden: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A query with its scope (the exact name of a client, and of a site or ""; or `among` which agents), columns,
    sorting and grouping. No two have one name."""

    name: str
    query: str = ""
    client: str = ""
    site: str = ""
    among: str = ""
    """FAVOURITES or RECENT, else ""."""
    columns: tuple[ViewColumn, ...] = ()
    sorting: tuple[tuple[str, bool], ...] = ()
    grouping: str = "nothing"


class Bookmarks(msgspec.Struct, frozen=True, kw_only=True):
    """`recent` begins with the latest."""

    version: int = 1
    favourites: frozenset[str] = frozenset()
    recent: tuple[str, ...] = ()
    views: tuple[View, ...] = ()

    def starred(self, agent_ids: frozenset[str], on: bool) -> "Bookmarks":
        favourites = self.favourites | agent_ids if on else self.favourites - agent_ids
        return msgspec.structs.replace(self, favourites=favourites)

    def used(self, agent_id: str) -> "Bookmarks":
        """After a session with an agent was opened."""
        rest = tuple(one for one in self.recent if one != agent_id)
        return msgspec.structs.replace(self, recent=(agent_id, *rest)[:MOST_RECENT])

    def view(self, name: str) -> View | None:
        return next((one for one in self.views if one.name == name), None)

    def may_keep(self, name: str) -> bool:
        """Whether a view can be kept under a name: there are not too many yet, or it takes the place of one."""
        return len(self.views) < MOST_VIEWS or self.view(name) is not None

    def with_view(self, view: View) -> "Bookmarks":
        """A view of the same name is replaced where it stands; another one comes last, as long as there is room."""
        if not self.may_keep(view.name):
            return self
        if self.view(view.name):
            return self._changed(tuple(view if one.name == view.name else one for one in self.views))
        return self._changed((*self.views, view))

    def renamed_view(self, view: View, name: str) -> "Bookmarks":
        """Under another name, unless that is taken."""
        if view not in self.views or self.view(name):
            return self
        place = self.views.index(view)
        new = msgspec.structs.replace(view, name=name)
        return self._changed((*self.views[:place], new, *self.views[place + 1 :]))

    def without_view(self, view: View) -> "Bookmarks":
        """Without this one only: files of before may have two of one name."""
        if view not in self.views:
            return self
        place = self.views.index(view)
        return self._changed((*self.views[:place], *self.views[place + 1 :]))

    def moved_view(self, view: View, by: int) -> "Bookmarks":
        """So many places further on, or back; not beyond the ends."""
        if view not in self.views:
            return self
        order = list(self.views)
        place = order.index(view)
        order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
        return self._changed(tuple(order))

    def _changed(self, views: tuple[View, ...]) -> "Bookmarks":
        return msgspec.structs.replace(self, views=views)


class BookmarkFile:
    """One JSON file for each server. Reading and writing may be slow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, server_id: str) -> tuple[Bookmarks, Problem | None]:
        """What is kept, or nothing, and what to say about a file that was put aside. Raises files.NotRead."""
        kept, put_aside = self._file(server_id).load()
        return kept or Bookmarks(), put_aside

    def save(self, server_id: str, bookmarks: Bookmarks) -> None:
        """Raises files.NotSaved."""
        self._file(server_id).save(bookmarks)

    def remove(self, server_id: str) -> None:
        """Raises files.NotSaved."""
        try:
            self._path(server_id).unlink(missing_ok=True)
        except OSError as error:
            raise files.NotSaved(
                f"The bookmarks of a server could not be removed: {error.strerror or error}.",
                f"Remove {self._path(server_id)} yourself.",
            ) from None

    def _file(self, server_id: str) -> files.JsonFile[Bookmarks]:
        return files.JsonFile(
            self._path(server_id), Bookmarks, "Your stars and views of a server", "Set them again where you need them."
        )

    def _path(self, server_id: str) -> Path:
        return self._folder / f"{server_id}.json"
