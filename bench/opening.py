"""`open_terminal` and `open_control`: from the double-click to the first prompt or the first tile of the desktop.

The console and a bare web view take turns in one process, in windows of one size on one display, with one MeshCentral
and its real agent. Each has opened one session before that does not count. Both are looked at by the same probe.

The console's time begins with the double-click, contains everything that it does, asking the RMM included, and ends
with what is drawn last: the prompt or tile in the page, or the page in front of the words "Connecting…". What the RMM
itself took to answer is taken off. The bare view's time begins where the link is handed to it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from bench import bare
from bench.far_side import FarSide
from bench.near_side import NearSide
from bench.probe import Probe
from bench.processes import renderers
from bench.rows import Row, row
from bench.waiting import TooLongError, signalled, until
from console.mesh.session_kind import SessionKind
from console.sessions.links import LinkSource, link_of
from console.sessions.progress import State
from console.sessions.session import Session

AGENTS = 250
RUNS = 10


def open_terminal() -> list[Row]:
    return [_row("open_terminal", SessionKind.TERMINAL)]


def open_control() -> list[Row]:
    return [_row("open_control", SessionKind.CONTROL)]


def _row(name: str, kind: SessionKind) -> Row:
    with FarSide(AGENTS, with_mesh=True) as far, NearSide(far.ready, kind) as near:
        window = bare.window(near.window)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(RUNS + 1):
            ours.append(_closed(open_in_console(far, near)))
            theirs.append(_closed(open_bare(far, near, window, kind)))
            window.hide()
        return row(name, "ms", ours[1:], bare=theirs[1:])


@dataclass(frozen=True)
class Opened:
    """A session that stands: how long it took, and how to end it."""

    milliseconds: float
    close: Callable[[], None]


def open_in_console(far: FarSide, near: NearSide) -> Opened:
    """Opens a session with a double-click. Its time is without the RMM's own."""
    near.window.raise_()
    near.connection.links = LinkSource(near.connection.client, near.connection.lane)  # the RMM is asked each time
    near.window.tabs.setCurrentIndex(0)
    place = near.live_row()
    probes: list[Probe] = []
    shown: list[float] = []

    def opened(session: Session) -> None:
        def changed() -> None:
            if not probes and session.page:
                probes.append(Probe(_page_of(session.page.widget), session.kind))
            if not shown and session.state is State.CONNECTED:
                shown.append(_now())

        session.changed.connect(changed)

    near.app.sessions.opened.connect(opened)
    near.click(place)
    begun = _now()
    session = near.double_click(place)
    near.app.sessions.opened.disconnect(opened)
    try:
        drawn = probes[0].drawn_at()
        signalled(session.changed, lambda: bool(shown), "the page was not shown")
    except TooLongError as error:
        error.add_note(f"The session is {session.state}. {session.problem.report() if session.problem else ''}")
        raise
    took = max(drawn, shown[0]) - begun - far.answer_milliseconds()
    return Opened(took, lambda: near.app.sessions.close(session))


def open_bare(far: FarSide, near: NearSide, window: QWidget, kind: SessionKind) -> Opened:
    """Opens a session in a bare view. Its time begins when the link is there."""
    link = link_of(near.connection.client.mesh_links(near.live_agent.agent_id), kind)
    far.answer_milliseconds()
    window.show()
    until(window.isActiveWindow, "the bare view's window was not shown")
    begun = _now()
    view = bare.BareView(window, kind, link)
    return Opened(view.probe.drawn_at() - begun, view.close)


def _closed(opened: Opened) -> float:
    """Ends a session, with its process, and returns what it took to open it."""
    opened.close()
    until(lambda: not renderers(), "the page's process did not end")
    return opened.milliseconds


def _page_of(widget: QWidget) -> QWebEnginePage:
    assert isinstance(widget, QWebEngineView)
    return widget.page()


def _now() -> float:
    """Milliseconds since 1970, as the page's performance.timeOrigin counts them."""
    return time.time() * 1000
