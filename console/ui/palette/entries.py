"""What the palette can lead to, as data."""

from collections.abc import Callable

import msgspec

from console.mesh.session_kind import SessionKind
from console.rmm.models import Agent


class Command(msgspec.Struct, frozen=True):
    """Something to do or to go to. `keys` is how it is reached without the palette; `kind` says what it is when that is
    not plain from the title, such as "View". `of_list` says that it is about the list of agents, which has to be
    in sight for it. Two of one title and kind are the same."""

    title: str
    icon: str
    act: Callable[[], object]
    keys: str = ""
    kind: str = ""
    of_list: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.title, self.kind


Entry = Agent | Command

ENTER = SessionKind.CONTROL
WITH_CONTROL = SessionKind.TERMINAL
WITH_SHIFT = SessionKind.FILES
