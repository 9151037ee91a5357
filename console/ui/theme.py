"""Colours and style of the window, light and dark."""

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from console import assets
from console.preferences import Theme


class Colours(msgspec.Struct, frozen=True):
    """The colours of one appearance, by what they are for. Text on its ground has a contrast of at least 4.5 to 1."""

    window: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    hover: str
    good: str
    warning: str
    bad: str
    neutral: str


LIGHT = Colours(
    window="#f3f5f8",
    surface="#ffffff",
    raised="#ffffff",
    border="#d5dae1",
    text="#1b2330",
    muted="#5a6675",
    accent="#1f66d1",
    on_accent="#ffffff",
    selection="#dce9fd",
    hover="#eef2f7",
    good="#1a7f37",
    warning="#9a5b00",
    bad="#c22f2f",
    neutral="#6b7684",
)
DARK = Colours(
    window="#14181f",
    surface="#1a1f28",
    raised="#222936",
    border="#343d4c",
    text="#e6eaf0",
    muted="#9aa6b5",
    accent="#5a9bff",
    on_accent="#0b1320",
    selection="#20395f",
    hover="#252d3a",
    good="#4cc26a",
    warning="#e0a03a",
    bad="#ff7b72",
    neutral="#8a96a5",
)


class Appearance(QObject):
    """Applies light or dark to the application, following the system where the technician left it so."""

    changed = Signal()

    def __init__(self, application: QApplication, theme: Theme) -> None:
        super().__init__()
        self._application = application
        self._theme = theme
        self.colours = LIGHT
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, theme: Theme) -> None:
        self._theme = theme
        self._apply()

    def _apply(self) -> None:
        wanted = {Theme.LIGHT: Qt.ColorScheme.Light, Theme.DARK: Qt.ColorScheme.Dark, Theme.SYSTEM: None}[self._theme]
        system = self._application.styleHints().colorScheme()
        self.colours = DARK if (wanted or system) is Qt.ColorScheme.Dark else LIGHT
        self._application.setPalette(_palette(self.colours))
        self._application.setStyleSheet(_style_sheet(self.colours))
        self.changed.emit()


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, colour in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.hover,
        role.Text: colours.text,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Link: colours.accent,
        role.Accent: colours.accent,
    }.items():
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colours.muted))
    return palette


def _style_sheet(colours: Colours) -> str:
    """The style sheet with each `@name` replaced by its colour; the longest names first, as some begin alike."""
    sheet = assets.text("theme/window.qss")
    for name in sorted(colours.__struct_fields__, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", str(getattr(colours, name)))
    for name in ("tick", "left", "right", "open", "closed", "ascending", "descending"):
        picture = assets.path(f"theme/{name}-{'dark' if colours is DARK else 'light'}.svg")
        sheet = sheet.replace(f"%{name}", picture.as_posix())
    return sheet
