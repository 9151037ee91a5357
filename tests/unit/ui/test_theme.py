import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from msgspec.structs import asdict
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from console import assets
from console.fleet.bookmarks import BookmarkFile
from console.mesh.session_kind import SessionKind
from console.preferences import Preferences, Theme
from console.servers import ServerBook
from console.sessions.accounts import Accounts
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.fleet_watches import FleetWatches
from console.sessions.manager import Sessions
from console.sessions.progress import State
from console.sessions.sign_in_flow import SignInFlow
from console.sessions.transfers import Transfers
from console.ui import icons
from console.ui.agents.columns import _PLATFORM_ICONS, STATUS_ICONS
from console.ui.agents.table import ACTIONS
from console.ui.screenshots import Screenshots
from console.ui.session.looks import STATE_LOOKS
from console.ui.theme import DARK, LIGHT, Appearance, Colours
from console.ui.window import MainWindow
from console.vault.store import MemoryVault
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import FakePage, Inline, far_server

GROUNDS = ("window", "surface", "raised")
ALL_GROUNDS = (*GROUNDS, "hover", "selection")
LOOKS = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]
SHEET = Path(str(assets.path("theme/window.qss"))).read_text(encoding="utf-8")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, of "#rrggbb"."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rules() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Selector, colour of its text and the grounds it may stand on, for every rule that colours text."""
    for selector, body in RULE.findall(re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)):
        text = re.search(r"(?<![-\w])color: @(\w+)", body)
        ground = re.search(r"(?<![-\w])background: @(\w+)", body)
        if text and ":disabled" not in selector:
            yield selector.strip(), text[1], (ground[1],) if ground else GROUNDS


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize("colours", LOOKS)
def test_every_text_of_the_style_sheet_can_be_read(colours: Colours) -> None:
    found = list(rules())
    assert len(found) > 15
    for selector, text, grounds in found:
        for ground in grounds:
            assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5, (selector, text, ground)


@pytest.mark.parametrize("colours", LOOKS)
def test_text_and_its_shades_can_be_read_on_every_ground(colours: Colours) -> None:
    for text, ground in product(("text", "muted", "accent", "good", "warning", "bad"), GROUNDS):
        assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5, (text, ground)
    for text, ground in product(("text", "muted", "bad"), ("selection", "hover")):
        assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5, (text, ground)
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@pytest.mark.parametrize("colours", LOOKS)
def test_icons_can_be_seen_on_every_ground(colours: Colours) -> None:
    for icon, ground in product(("text", "muted", "accent", "good", "warning", "bad", "neutral"), ALL_GROUNDS):
        assert contrast(getattr(colours, icon), getattr(colours, ground)) >= 3, (icon, ground)


@pytest.mark.parametrize("colours", LOOKS)
def test_colours_are_written_in_full(colours: Colours) -> None:
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in asdict(colours).values())


def test_every_icon_that_a_table_names_exists(qapp: QApplication) -> None:
    named_icons = {
        *(shape for shape, _ in STATUS_ICONS.values()),
        *(look.icon for look in STATE_LOOKS.values()),
        *_PLATFORM_ICONS.values(),
        *(picture for _, _, picture in ACTIONS),
        *(kind.value for kind in SessionKind),
    }
    for name in named_icons:
        picture = icons.pixmap(name, "#ff0000", 16, 2.0)
        assert picture.size().width() == 32
        image = picture.toImage()
        seen = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
        assert seen, f"{name} draws nothing"
        assert all(colour.red() > 200 and colour.green() < 60 for colour in seen), f"{name} has a colour of its own"


def test_every_icon_file_can_be_drawn(qapp: QApplication) -> None:
    files = sorted(Path(str(assets.path("icons"))).glob("*.svg"))
    assert files
    for file in files:
        assert "currentColor" in file.read_text(encoding="utf-8"), file.name
        assert not icons.icon(file.stem, "#123456").isNull()


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


def test_the_technician_s_choice_is_applied(appearance: Appearance, qapp: QApplication) -> None:
    for theme, colours in ((Theme.DARK, DARK), (Theme.LIGHT, LIGHT)):
        appearance.choose(theme)
        assert appearance.colours is colours
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == colours.window
        assert qapp.palette().color(QPalette.ColorRole.HighlightedText).name() == colours.text
        assert colours.accent in qapp.styleSheet()
        assert not re.search(r"@\w", qapp.styleSheet()), "a name without a colour"


def test_the_system_s_choice_is_followed(appearance: Appearance, qapp: QApplication) -> None:
    appearance.choose(Theme.SYSTEM)
    dark = qapp.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert appearance.colours is (DARK if dark else LIGHT)


@pytest.fixture
def window(qtbot: QtBot, appearance: Appearance, tmp_path: Path) -> Iterator[MainWindow]:
    """The main window with a server, its list and a session, without any network."""
    accounts = Accounts(ServerBook(tmp_path / "servers.json"), MemoryVault, Inline(), Inline())
    sessions = Sessions(FakePage)
    flow = SignInFlow(accounts, Inline())
    screenshots = Screenshots(Inline(), lambda: tmp_path)
    transfers = Transfers(sessions)
    watches = FleetWatches(sessions)
    made = MainWindow(
        accounts,
        sessions,
        flow,
        appearance,
        Preferences(),
        lambda _: None,
        screenshots,
        transfers,
        watches,
        lambda server_id: FleetBookmarks(BookmarkFile(tmp_path), server_id, Inline()),
    )
    qtbot.addWidget(made)
    made.begin()
    with far_server() as far:
        made._signed_in(far.connection)
        sessions.open(far.connection, named("a" * 40, hostname="HOST"), SessionKind.CONTROL)
        yield made
        sessions.close_all()


def controls(window: QWidget) -> list[QWidget]:
    return [
        widget
        for kind in (QAbstractButton, QLineEdit, QTableView)
        for widget in window.findChildren(kind)
        if not widget.objectName().startswith("qt_") and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]


def test_every_control_has_a_name_that_can_be_read_out(window: QWidget) -> None:
    found = controls(window)
    assert len(found) > 10
    for widget in found:
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        assert widget.accessibleName() or text, widget


def test_every_button_that_shows_an_icon_only_has_a_tool_tip(window: QWidget) -> None:
    bare = [button for button in window.findChildren(QToolButton) if not button.text() and not button.icon().isNull()]
    ours = [button for button in bare if not button.objectName().startswith("qt_")]
    ours = [button for button in ours if type(button).__module__.startswith("console.")]
    assert ours
    for button in ours:
        assert button.toolTip(), button.accessibleName()
        assert button.accessibleName()


def test_every_state_of_a_session_has_a_look() -> None:
    assert set(STATE_LOOKS) == set(State)
