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

_ISOLATED = QWebEngineScript.ScriptWorldId.ApplicationWorld
_PAGE = QWebEngineScript.ScriptWorldId.MainWorld
_TRIES = 500
"""For how many times 10 ms the Connect button may be disabled."""


class _Channel(QObject):
    """All that the channel shows the page."""

    received = Signal(str)

    @Slot(str)
    def report(self, text: str) -> None:
        self.received.emit(text)


class PageBridge(QObject):
    """Puts the scripts into a page and turns what they report into typed facts."""

    reported = Signal(object)
    """A console.mesh.report.Report."""

    def __init__(self, page: QWebEnginePage, link: SessionLink) -> None:
        super().__init__(page)
        self._page = page
        self._event = "session-" + secrets.token_hex(8)  # so that no other script talks into it by accident
        self._object = _Channel(self)
        self._object.received.connect(self._receive)
        channel = QWebChannel(self)
        channel.registerObject("bridge", self._object)
        page.setWebChannel(channel, _ISOLATED.value)
        settings: dict[str, str | int] = {
            "event": self._event,
            "view": link.kind.view_mode,
            "node": link.mesh_node,
            "tries": _TRIES,
        }
        early, late = QWebEngineScript.InjectionPoint.DocumentCreation, QWebEngineScript.InjectionPoint.DocumentReady
        self._add("bridge", _channel_script() + _call("page/bridge.js", {"event": self._event}), _ISOLATED, early)
        self._add("stand-ins", _call("page/stand_ins.js", {}), _PAGE, early)
        self._add("agent page", _call("page/agent_page.js", settings), _PAGE, late)

    def send(self, command: Command) -> None:
        """Hands the page a command, by an event that its script listens to."""
        detail = msgspec.json.encode(encode(command)).decode()
        event = msgspec.json.encode(self._event + "-do").decode()
        self._page.runJavaScript(
            f"document.dispatchEvent(new CustomEvent({event}, {{ detail: {detail} }}));", _ISOLATED.value
        )

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
    return f"{assets.text(name).rstrip()}({msgspec.json.encode(settings).decode()});\n"
