"""What the technician set on a session's page, so that a page that is loaded anew has it too. Plain Python, no Qt."""

from collections.abc import Mapping

from console.mesh.command import Command, SetPicture, SetScale, SetViewOnly, ShareClipboard, ShowDisplay

# The feature of console.mesh.report.FEATURES that each needs. View only comes first: nothing is to be typed before it.
_FEATURES: Mapping[type[Command], str] = {
    SetViewOnly: "view-only",
    SetPicture: "picture",
    SetScale: "scale",
    ShareClipboard: "clipboard",
    ShowDisplay: "displays",
}


class KeptSettings:
    """The latest command of each kind that sets something."""

    def __init__(self) -> None:
        self._latest: dict[type[Command], Command] = {}
        self._missing: set[type[Command]] = set()

    def note(self, command: Command) -> None:
        """The page is told something; what does not last is not kept."""
        if type(command) in _FEATURES:
            self._latest[type(command)] = command
            self._missing.discard(type(command))

    def page_is_new(self) -> None:
        """Another page knows nothing of it."""
        self._missing = set(self._latest)

    def due(self, reasons: Mapping[str, str]) -> list[Command]:
        """What the page has to be told again, as far as it can take it now: `reasons` are those of Features."""
        able = [kind for kind, feature in _FEATURES.items() if kind in self._missing and reasons.get(feature) == ""]
        self._missing.difference_update(able)
        return [self._latest[kind] for kind in able]
