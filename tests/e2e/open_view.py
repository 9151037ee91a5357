"""A session's view by itself, without a console around it: on a real MeshCentral, in a window of its own."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import QWebEngineScript
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh import exchange, link
from console.mesh.command import Command, Connect, Disconnect
from console.mesh.report import AgentMessage, FirstData, Report, TunnelState
from console.mesh.session_kind import SessionKind
from console.mesh.web.view import SessionView
from console.problem import Problem
from console.proxies import Proxies
from console.secret import Secret
from console.transport import Transport, host_and_port
from tests.e2e.hands import Hands
from tests.e2e.web import WebPage

R = TypeVar("R", bound=Report)


class OpenView:
    """Nothing is loaded before `open`. `reports`, `problems` and `uploads` are what the view has said."""

    def __init__(self, mesh: LocalMesh, kind: SessionKind, qtbot: QtBot, hands: Hands, folder: Path) -> None:
        self.mesh = mesh
        self.kind = kind
        self.hands = hands
        self.reports: list[Report] = []
        self.problems: list[Problem] = []
        self.uploads: list[list[Path]] = []
        self._qtbot = qtbot
        self._parent = QObject()
        self.page = SessionView(lambda: folder, Proxies(), self._parent)
        self.page.reported.connect(self.reports.append)
        self.page.failed.connect(self.problems.append)
        self.page.upload_wanted.connect(self.uploads.append)
        self.page.clipboard_wanted.connect(lambda: self.page.answer_clipboard(True))
        self.page.widget.setGeometry(20, 40, 1000, 640)
        self.page.widget.show()
        self.web = WebPage(self, self)

    def __enter__(self) -> "OpenView":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.page.close()
        self._qtbot.wait(100)

    def open(self) -> None:
        """Opens the agent's page with a new link and fresh cookies."""
        place = f"gotonode={self.mesh.node_hex}&viewmode={self.kind.view_mode}&hide=31"
        url = Secret(f"{self.mesh.site}/?login={self.mesh.link_token().reveal()}&{place}")
        checked = link.parse(url, self.kind, "far")
        transport = Transport({host_and_port(self.mesh.site): self.mesh.fingerprint})
        self.page.open(checked, exchange.exchange(checked, transport))

    def connected(self, mark: int = 0) -> int:
        """Waits until the agent's data have come, of a connection that was reported after `mark`; its number.

        Once in some hundred sessions the agent's screen reader dies at the start. A session of the console connects
        again by itself then; here it is done for it.
        """
        tried = 0

        def come() -> bool:
            nonlocal tried
            died = [
                one for one in self.reports[mark:] if isinstance(one, AgentMessage) and "KVM Child" in (one.text or "")
            ]
            if len(died) > tried:
                tried = len(died)
                self.do(Disconnect())
                self.do(Connect())
            return any(isinstance(one, FirstData) for one in self.reports[mark:])

        self.until(come, "no data of the agent", 45)
        return self.told(FirstData, lambda report: True, mark).attempt

    def told(self, kind: type[R], wanted: Callable[[R], bool] = lambda report: True, mark: int = 0) -> R:
        """Waits for a report, from the `mark`th on, and returns it."""
        found: list[R] = []

        def come() -> bool:
            found[:] = [one for one in self.reports[mark:] if isinstance(one, kind) and wanted(one)]
            return bool(found)

        self.until(come, f"no such {kind.__name__}", 45)
        return found[0]

    def latest(self, kind: type[R]) -> R | None:
        return next((one for one in reversed(self.reports) if isinstance(one, kind)), None)

    @property
    def relayed(self) -> bool:
        state = self.latest(TunnelState)
        return state is not None and state.state == 3

    def do(self, command: Command) -> None:
        self.page.do(command)

    def until(self, condition: Callable[[], bool], what: str = "", seconds: float = 30) -> None:
        """Lets the view work until something is so."""

        def check() -> None:
            said = f"problems: {self.problems}; last reports: {self.reports[-4:]}"
            assert condition(), f"{what or 'it did not come to be'}; {said}"

        self._qtbot.waitUntil(check, timeout=int(seconds * 1000))

    def wait(self, milliseconds: int) -> None:
        """Lets the view work for a while: for what is not to happen."""
        self._qtbot.wait(milliseconds)


def without(view: OpenView, name: str) -> None:
    """Keeps a function or an element (#id) from being found by the first scripts that look for it in the page.

    Later it is there again, under its own name: as on a version where only ours is out of date.
    """
    if name.startswith("#"):
        hide = (
            f"const it = document.getElementById({name[1:]!r}); it.id = ''; back = () => {{ it.id = {name[1:]!r}; }};"
        )
    else:
        hide = f"const it = window.{name}; window.{name} = undefined; back = () => {{ window.{name} = it; }};"
    there = "if (!document.getElementById('p11')) return; let back;"
    script = QWebEngineScript()
    script.setName("hide")
    script.setSourceCode(f"(() => {{ {there} {hide} setTimeout(back, 0); }})();")
    script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld.value)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentReady)
    view.web.page.scripts().insert(script)
