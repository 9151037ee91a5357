"""The details of the agent that is chosen in the list, beside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.details_models import Detail
from console.rmm.models import Agent
from console.sessions.agent_details import AgentDetails, Part
from console.sessions.agent_notes import AgentNotes
from console.sessions.connection import Connection
from console.ui.detail.header import Header
from console.ui.detail.line_list import LineList
from console.ui.detail.lines import lines
from console.ui.detail.note_list import NoteList
from console.ui.detail.part_page import PartPage
from console.ui.detail.section_bar import Section, SectionBar
from console.ui.detail.several import Hint, Several
from console.ui.detail.summary import Network, Summary
from console.ui.theme import Appearance

NARROWEST, WIDEST = 320, 480
_LISTS = {
    Section.CHECKS: (Part.CHECKS, "The RMM checks nothing on this agent."),
    Section.TASKS: (Part.TASKS, "The RMM has no tasks for this agent."),
    Section.SOFTWARE: (Part.SOFTWARE, "The RMM knows of no software here. Agents tell of it on Windows only."),
    Section.PATCHES: (Part.PATCHES, "The RMM knows of no updates here. It looks after those of Windows only."),
    Section.PENDING: (Part.PENDING, "Nothing is still to be done."),
    Section.HISTORY: (Part.HISTORY, "No command or script was run here from the RMM."),
}
_PARTS = {
    **{section: (part,) for section, (part, _) in _LISTS.items()},
    Section.SUMMARY: (Part.AGENT, Part.FIELDS),
    Section.NETWORK: (Part.AGENT,),
    Section.NOTES: (Part.NOTES,),
}


class _OnDemand(dict[Section, PartPage]):
    """The pages of the sections: each is made when it is first asked for."""

    def __init__(self, make: Callable[[Section], PartPage]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, section: Section) -> PartPage:
        self[section] = page = self._make(section)
        return page


class DetailPane(QFrame):
    """Asks `details` for what is in the section that is shown, and for nothing else."""

    wanted = Signal(object, object)
    """An Agent and a SessionKind."""
    learnt = Signal(str, object)
    """An agent's id and that of its Mesh agent, "" when it has none."""

    def __init__(self, details: AgentDetails, appearance: Appearance, notes: AgentNotes | None = None) -> None:
        """`notes` are those that were begun before, over the same `details`."""
        super().__init__()
        self.setObjectName("detailPane")
        self.setMinimumWidth(NARROWEST)
        self.setAccessibleName("Details of the chosen agent")
        self.details = details
        self.notes = notes or AgentNotes(details)
        self.agent: Agent | None = None
        self._appearance = appearance
        self.lists: dict[Section, LineList] = {}
        self.pages: Mapping[Section, PartPage] = _OnDemand(self._made)
        self._hint, self._several = Hint(appearance), Several(appearance)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._several)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        details.changed.connect(self._changed)
        details.learnt.connect(self.learnt)
        clock = QTimer(self, interval=30_000)
        clock.timeout.connect(self._show)
        clock.start()

    # Made when they are first needed: all of them together take a tenth of a second, and the list is waited for.

    @cached_property
    def header(self) -> Header:
        header = Header(self._appearance)
        header.wanted.connect(self._want_session)
        return header

    @cached_property
    def bar(self) -> SectionBar:
        bar = SectionBar()
        bar.chosen.connect(self._choose)
        return bar

    @cached_property
    def summary(self) -> Summary:
        summary = Summary(self._appearance)
        summary.again.clicked.connect(lambda: self._again(Section.SUMMARY))
        return summary

    @cached_property
    def network(self) -> Network:
        return Network()

    @cached_property
    def note_list(self) -> NoteList:
        return NoteList(self.notes, self._appearance)

    @cached_property
    def _stack(self) -> QStackedWidget:
        stack = QStackedWidget()
        stack.addWidget(self.summary)
        return stack

    @cached_property
    def _one(self) -> QWidget:
        one = QWidget()
        column = QVBoxLayout(one)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        self._pages.addWidget(one)
        return one

    def _made(self, section: Section) -> PartPage:
        appearance = self._appearance
        if section is Section.NOTES:
            page = PartPage(appearance, self.note_list, "notes", "")
        elif section is Section.NETWORK:
            page = PartPage(appearance, self.network, "network", "The RMM knows of no network adapter of this agent.")
        else:
            part, nothing = _LISTS[section]
            self.lists[section] = LineList(appearance, part.value)
            page = PartPage(appearance, self.lists[section], part.value, nothing)
        page.again.connect(partial(self._again, section))
        self._stack.addWidget(page)
        return page

    def show_agents(self, connection: Connection, agents: Sequence[Agent]) -> None:
        """Shows what is chosen in the list: one agent in full, several in numbers."""
        one = agents[0] if len(agents) == 1 else None
        if one is None or self.agent is None or one.agent_id != self.agent.agent_id:
            for each in self.lists.values():
                each.clear_search()
        self.agent = one
        self.details.select(connection, one.agent_id if one else "")
        if one is None:
            self._several.show_agents(agents)
            self._pages.setCurrentWidget(self._several if agents else self._hint)
        else:
            self._pages.setCurrentWidget(self._one)
            self._want()
            self._show()

    def agent_changed(self, agent: Agent) -> None:
        """The row of an agent is another now."""
        if self.agent and agent.agent_id == self.agent.agent_id:
            self.agent = agent
            self._show()

    def choose(self, section: Section) -> None:
        """Shows a section, as a click on its name does."""
        self.bar.choose(section)
        self._choose(section)

    def refresh(self) -> None:
        """Asks anew for what is shown."""
        self.details.refresh()

    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._want()
        self._show()

    def hideEvent(self, event: QHideEvent, /) -> None:
        """What nobody sees is not asked for."""
        super().hideEvent(event)
        self.details.want()

    def _choose(self, section: Section) -> None:
        self._stack.setCurrentWidget(self.summary if section is Section.SUMMARY else self.pages[section])
        self._want()
        self._show()

    def _want(self) -> None:
        if self.agent and self.isVisible():
            self.details.want(*_PARTS[self.bar.current])

    def _want_session(self, kind: SessionKind | None) -> None:
        if self.agent:
            self.wanted.emit(self.agent, kind)

    def _again(self, section: Section) -> None:
        for part in _PARTS[section]:
            self.details.again(part)

    def _changed(self, part: Part) -> None:
        if (self.agent and part in _PARTS[self.bar.current]) or self.details.state(part).forbidden:
            self._show()

    def _show(self) -> None:
        agent = self.agent
        if agent is None:
            return
        now, section = datetime.now(UTC), self.bar.current
        told = self.details.state(Part.AGENT).value
        if isinstance(told, Detail):
            agent = told.fresh.over(agent) if _newer(told, agent) else agent
        self.header.show_agent(agent, now)
        self.bar.show_count(Section.CHECKS, agent.checks.amiss, "not passing")
        self.bar.show_count(Section.PENDING, agent.pending_actions_count, "pending")
        self._show_forbidden()
        if section is Section.SUMMARY:
            names = self.details.state(Part.FIELDS).value
            self.summary.show_agent(
                agent, self.details.state(Part.AGENT), names if isinstance(names, dict) else {}, now
            )
        elif section is Section.NETWORK:
            adapters = told.adapters if isinstance(told, Detail) else ()
            self.network.show_network(agent, adapters)
            self.pages[section].show_state(self.details.state(Part.AGENT), empty=not adapters)
        elif section is Section.NOTES:
            loaded = self.details.state(Part.NOTES)
            notes = loaded.value if isinstance(loaded.value, tuple) else None
            self.note_list.show_notes(agent.agent_id, notes)
            self.pages[section].show_state(loaded, empty=False, keep=True)
        else:
            self._show_list(section, now)

    def _show_list(self, section: Section, now: datetime) -> None:
        part = _LISTS[section][0]
        loaded = self.details.state(part)
        made = lines(part, loaded.value, now)
        self.lists[section].show_lines(made)
        self.pages[section].show_state(loaded, empty=not made)

    def _show_forbidden(self) -> None:
        """Hides what the role does not allow; that is said once, in the section where it was found out."""
        forbidden = self.details.forbidden()
        for section, (part, _) in {**_LISTS, Section.NOTES: (Part.NOTES, "")}.items():
            hidden = part in forbidden and self.bar.current is not section
            self.bar.buttons[section].setHidden(hidden)
        self.bar.updateGeometry()


def _newer(told: Detail, agent: Agent) -> bool:
    """Whether what the agent's own call told is newer than its row."""
    seen = told.fresh.told.get("last_seen")
    return isinstance(seen, datetime) and (agent.last_seen is None or seen > agent.last_seen)
