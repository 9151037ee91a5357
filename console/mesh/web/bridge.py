"""The one way from a session's page into the console: `report(text)` on a web channel in an isolated world."""

import secrets
from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QFile, QIODevice, QObject, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineScript

from console import assets
from console.mesh.command import Command, encode
from console.mesh.link import SessionLink
from console.mesh.report import decode

ISOLATED = QWebEngineScript.ScriptWorldId.ApplicationWorld
"""The world of scripts that share the document with the page and nothing else."""
_PAGE = QWebEngineScript.ScriptWorldId.MainWorld
_TRIES = 500
"""For how many times 10 ms the Connect button may be disabled."""
PARTS = (
    "base", "control", "awake", "connect", "tunnel", "keyboard", "clipboard", "desktop", "keys", "files", "bars",
    "commands", "facts", "start",
)  # fmt: skip
"""The files of resources/page/ that make up the script in the page's world, in the order in which they run."""


class _Channel(QObject):
    """All that the channel shows the page."""

    received = Signal(str)

    @Slot(str)
    def report(self, text: str) -> None:
        self.received.emit(text)


class PageBridge(QObject):
    """Puts the scripts into a page and turns what they report into typed facts.

    `channel` is the page's, for all its life: a page goes on to use one that is deleted. What is on it, and the event,
    have a name of this bridge's own, so that nothing counts that a document of an earlier one says. `end` it before
    another is made for the same page.
    """

    reported = Signal(object)
    """A console.mesh.report.Report."""

    def __init__(self, page: QWebEnginePage, channel: QWebChannel, link: SessionLink) -> None:
        super().__init__(page)
        self._page = page
        self._event = "session-" + secrets.token_hex(8)  # so that no other script talks into it by accident
        self._object = _Channel(self)
        self._object.received.connect(self._receive)
        self._channel = channel
        channel.registerObject(self._event, self._object)
        self._scripts: list[QWebEngineScript] = []
        settings: dict[str, str | int] = {
            "event": self._event,
            "view": link.kind.view_mode,
            "node": link.mesh_node,
            "tries": _TRIES,
        }
        early, late = QWebEngineScript.InjectionPoint.DocumentCreation, QWebEngineScript.InjectionPoint.DocumentReady
        self._add("bridge", _channel_script() + _call("bridge", {"event": self._event}), ISOLATED, early)
        self._add("stand-ins", _call("stand_ins", {}), _PAGE, early)
        self._add("agent page", _page_script(settings), _PAGE, late)

    def send(self, command: Command) -> None:
        """Hands the page a command, by an event that its script listens to."""
        detail = msgspec.json.encode(encode(command)).decode()
        event = msgspec.json.encode(self._event + "-do").decode()
        self._page.runJavaScript(
            f"document.dispatchEvent(new CustomEvent({event}, {{ detail: {detail} }}));", ISOLATED.value
        )

    def end(self) -> None:
        """Takes the scripts out of the page's next document and drops whatever the present one goes on to say."""
        self._object.received.disconnect(self._receive)
        for script in self._scripts:
            self._page.scripts().remove(script)
        self._channel.deregisterObject(self._object)
        self.deleteLater()

    def _add(
        self,
        name: str,
        source: str,
        world: QWebEngineScript.ScriptWorldId,
        point: QWebEngineScript.InjectionPoint,
    ) -> None:
        script = QWebEngineScript()
        script.setName(name)
        script.setSourceCode(source)
        script.setWorldId(world.value)
        script.setInjectionPoint(point)
        script.setRunsOnSubFrames(False)
        self._page.scripts().insert(script)
        self._scripts.append(script)

    def _receive(self, text: str) -> None:
        report = decode(text)
        if report is not None:
            self.reported.emit(report)


def _channel_script() -> str:
    """Qt's own client side of the web channel, which ships inside the QtWebChannel library."""
    file = QFile(":/qtwebchannel/qwebchannel.js")
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise FileNotFoundError("qwebchannel.js is missing from Qt's resources")
    return bytes(file.readAll().data()).decode() + "\n"


def _call(name: str, settings: Mapping[str, str | int]) -> str:
    return f"{_source(name)}({msgspec.json.encode(settings).decode()});\n"


def _page_script(settings: Mapping[str, str | int]) -> str:
    """All parts as one script: they share an object, and the page's world gets no name from them."""
    parts = ",\n".join(_source(name) for name in PARTS)
    shared = f"{{ settings: {msgspec.json.encode(settings).decode()} }}"
    return f"((page) => [\n{parts}\n].every((part) => part(page) !== false))({shared});\n"


def _source(name: str) -> str:
    return assets.text(f"page/{name}.js").rstrip()
