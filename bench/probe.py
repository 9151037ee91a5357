"""The probe in a page, which tells when its first prompt or first tile was drawn."""

from pathlib import Path

from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineScript

from bench.waiting import signalled
from console.mesh.session_kind import SessionKind

_HERE = Path(__file__).parent
_MARK = "bench "


class Probe:
    """Put it into a page before that loads anything."""

    def __init__(self, page: QWebEnginePage, kind: SessionKind) -> None:
        self._page = page
        self._drawn_at: float | None = None
        page.titleChanged.connect(self._titled)
        add(page, "probe.js", kind, QWebEngineScript.InjectionPoint.DocumentCreation)

    def drawn_at(self) -> float:
        """Waits; milliseconds since 1970. Raises TooLongError."""
        signalled(self._page.titleChanged, lambda: self._drawn_at is not None, "nothing was drawn")
        assert self._drawn_at is not None
        return self._drawn_at

    def _titled(self, title: str) -> None:
        if title.startswith(_MARK):
            self._drawn_at = float(title.removeprefix(_MARK))


def add(page: QWebEnginePage, file: str, kind: SessionKind, point: QWebEngineScript.InjectionPoint) -> None:
    """Puts one of the scripts beside this module into the page's own world."""
    script = QWebEngineScript()
    script.setName(file)
    script.setSourceCode(f"{(_HERE / file).read_text('utf-8').rstrip()}({kind.view_mode});\n")
    script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld.value)
    script.setInjectionPoint(point)
    page.scripts().insert(script)
