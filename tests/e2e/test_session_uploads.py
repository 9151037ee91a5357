"""Files that are chosen in a files session or dropped on any session are handed to the console, not to the page."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh.report import BarsShown
from console.mesh.session_kind import SessionKind
from tests.e2e.hands import Hands
from tests.e2e.open_view import OpenView, without

pytestmark = pytest.mark.e2e

Make = Callable[[SessionKind], OpenView]


@pytest.fixture
def make(local_mesh: LocalMesh, hands: Hands, qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(OpenView(local_mesh, kind, qtbot, hands, tmp_path))


@pytest.fixture
def chosen(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"chosen {number} {secrets.token_hex(4)}" for number in (1, 2)]
    for file in files:
        file.write_text(file.name)
    return files


def dialog() -> QFileDialog | None:
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()), None
    )


def choose(files: list[Path]) -> bool:
    """Picks the files in the dialog that asks for some, when there is one."""
    asked = dialog()
    if asked is None:
        return False
    asked.setDirectory(str(files[0].parent))
    asked.findChildren(QLineEdit)[0].setText(" ".join(f'"{file.name}"' for file in files))
    asked.accept()
    return True


class Source(QWidget):
    """A window from which files can be dragged."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self._files = files

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        drag = QDrag(self)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in self._files])
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


def test_the_console_asks_for_files_and_the_page_goes_on(make: Make, chosen: list[Path]) -> None:
    view = make(SessionKind.FILES)
    view.open()
    view.connected()
    view.web.click("#p13UploadButton")
    view.until(lambda: dialog() is not None, "no file dialog was shown")
    assert view.web.value("1 + 1") == 2, "the page waits for the dialog"
    assert not view.web.value("Boolean(xxdialogMode)"), "MeshCentral's own dialog is shown as well"
    assert choose(chosen)
    view.until(lambda: view.uploads == [chosen], "the files were not handed over")
    view.until(lambda: dialog() is None, "the dialog stays")
    assert view.web.value("typeof uploadFile === 'undefined' || uploadFile === null"), "the page uploads them"


def test_the_dialog_ends_with_the_view(make: Make) -> None:
    view = make(SessionKind.FILES)
    view.open()
    view.connected()
    view.web.click("#p13UploadButton")
    view.until(lambda: dialog() is not None, "no file dialog was shown")
    view.page.reload()
    view.until(lambda: dialog() is None, "the dialog stays")
    assert view.uploads == []


def test_a_page_that_is_another_uploads_by_itself(make: Make, chosen: list[Path]) -> None:
    view = make(SessionKind.FILES)
    without(view, "#p13title")
    view.open()
    assert view.told(BarsShown).shown
    view.connected()
    folder = view.mesh.home / f"uploads {secrets.token_hex(4)}"
    folder.mkdir()
    view.web.run(f"p13targetpath = {str(folder)!r}; files.sendText({{action: 'ls', reqid: 1, path: p13targetpath}})")
    view.web.until(f"'/' + p13filetreelocation.join('/') === {str(folder)!r}")
    view.web.click("#p13UploadButton")
    place = view.web.place("#p13uploadinput")
    answers = QTimer(interval=200)
    answers.timeout.connect(lambda: answers.stop() if choose(chosen) else None)
    answers.start()  # the page waits for the dialog, in an event loop of its own
    view.hands.click(view.page.widget, QPoint(place.x() - 120, place.y()))
    view.web.click("#idx_dlgOkButton")
    for file in chosen:
        there = folder / file.name
        view.until(lambda there=there: there.exists() and there.read_text() == there.name, "it is not there")  # type: ignore[misc]
    assert view.uploads == []


@pytest.mark.parametrize("kind", list(SessionKind))
def test_files_are_dropped(make: Make, chosen: list[Path], kind: SessionKind, qtbot: QtBot) -> None:
    view = make(kind)
    view.open()
    view.connected()
    view.web.run(
        "window.seen = 0; for (const n of ['dragover', 'drop']) addEventListener(n, () => { seen += 1; }, true);"
    )
    source = Source(chosen)
    qtbot.addWidget(source)
    source.setGeometry(1100, 60, 200, 200)
    source.show()
    places: list[QPoint] = []

    def stays() -> bool:
        places.append(source.mapToGlobal(QPoint()))
        return source.isActiveWindow() and len(places) > 30 and len(set(map(str, places[-30:]))) == 1

    view.until(stays, "the window manager does not put the window anywhere")
    view.hands.drag_to(source, QPoint(100, 100), view.page.widget.mapToGlobal(QPoint(400, 300)))
    view.until(lambda: view.uploads == [chosen], "they were not handed over")
    assert view.web.value("seen") == 0, "the page saw them"
    assert view.relayed
