"""The summary of an agent: from its row at once, and the rest when the RMM has told it. And its network."""

from collections.abc import Mapping
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from console.fleet.query.words import custom_text
from console.rmm.details_models import Adapter, Detail
from console.rmm.models import Agent
from console.sessions.agent_details import Loaded
from console.ui.agents.columns import ago, local
from console.ui.detail.disks import Disks
from console.ui.detail.facts import Facts
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import button, label

_Facts = list[tuple[str, str]]


def up_since(agent: Agent, now: datetime) -> str:
    if agent.boot_time is None:
        return ""
    moment = datetime.fromtimestamp(agent.boot_time, UTC)
    return f"{local(moment)[:16]} ({ago(moment, now)})"


def own_facts(agent: Agent, now: datetime) -> _Facts:
    seen = f"{local(agent.last_seen)[:16]} ({ago(agent.last_seen, now)})" if agent.last_seen else "never"
    return [
        ("System", agent.operating_system),
        ("Up since", up_since(agent, now)),
        ("Last seen", seen),
        ("Agent", " ".join(part for part in (agent.version, agent.goarch) if part)),
        ("Kind", agent.monitoring_type.capitalize()),
        ("Description", agent.description),
    ]


def hardware(agent: Agent, detail: Detail | None) -> _Facts:
    return [
        ("Model", agent.make_model),
        ("Serial", agent.serial_number),
        ("Processor", "\n".join(agent.cpu_model)),
        ("Memory", f"{detail.ram:g} GB" if detail and detail.ram else ""),
        ("Graphics", agent.graphics),
        ("Drives", "\n".join(agent.physical_disks)),
    ]


def addresses(agent: Agent) -> _Facts:
    return [("Local", agent.local_ips.replace(", ", "\n")), ("Public", agent.public_ip)]


def custom(agent: Agent, names: Mapping[int, str]) -> _Facts:
    """Values by the names of their fields; those that are not set are left out."""
    return [
        (names.get(each.field) or f"Custom field {each.field}", ", ".join(custom_text(each.value)))
        for each in agent.custom_fields
    ]


def limits(detail: Detail | None) -> _Facts:
    if detail is None:
        return []
    every = f"{detail.check_seconds} s" if detail.check_seconds else ""
    return [
        ("Time zone", detail.time_zone),
        ("Offline after", f"{detail.offline_minutes} min" if detail.offline_minutes else ""),
        ("Overdue after", f"{detail.overdue_minutes} min" if detail.overdue_minutes else ""),
        ("Checks every", every),
    ]


class Summary(QScrollArea):
    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._column = _scrolled(self, "Summary")
        self.own, self.disks = Facts(), Disks(appearance)
        self._quiet = label(role="muted", wrap=True)
        self._problem = ProblemText(appearance)
        self.again = button("Try again", lambda: None)
        self.hardware, self.addresses, self.custom, self.limits = Facts(), Facts(), Facts(), Facts()
        self._titles: list[tuple[QWidget, Facts | Disks]] = []
        self._column.addWidget(self.own)
        self._column.addWidget(self._quiet)
        self._column.addWidget(self._problem)
        self._column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        for title, widget in (
            ("Disks", self.disks),
            ("Hardware", self.hardware),
            ("Addresses", self.addresses),
            ("Custom fields", self.custom),
            ("Limits", self.limits),
        ):
            heading = label(title, "strong")
            heading.setContentsMargins(0, 6, 0, 0)
            self._column.addWidget(heading)
            self._column.addWidget(widget)
            self._titles.append((heading, widget))
        self._column.addStretch(1)

    def show_agent(self, agent: Agent, loaded: Loaded, names: Mapping[int, str], now: datetime) -> None:
        detail = loaded.value if isinstance(loaded.value, Detail) else None
        self.own.show_facts(own_facts(agent, now))
        self.disks.show_disks(detail.disks if detail else ())
        self.hardware.show_facts(hardware(agent, detail))
        self.addresses.show_facts(addresses(agent))
        self.custom.show_facts(custom(agent, names))
        self.limits.show_facts(limits(detail))
        for heading, widget in self._titles:
            heading.setHidden(widget.isHidden())
        failed = loaded.problem is not None and not loaded.busy and not loaded.forbidden
        self._problem.show_problem(loaded.problem if failed else None)
        self.again.setVisible(failed)
        words = ""
        if loaded.forbidden:
            words = "Your role at this server does not include the disks and memory of agents."
        elif detail is None and not failed:
            words = "Loading the disks and memory…"
        elif detail and agent.last_seen is None:
            words = "This agent has never reported, so nothing is known of its machine."
        self._quiet.setText(words)
        self._quiet.setVisible(bool(words))


class Network(QScrollArea):
    """The adapters, as far as the agent has told of them."""

    def __init__(self) -> None:
        super().__init__()
        self._column = _scrolled(self, "Network")
        self._adapters: list[Facts] = []
        self.public = Facts()
        self._column.addWidget(self.public)
        self._column.addStretch(1)

    def show_network(self, agent: Agent, adapters: tuple[Adapter, ...]) -> None:
        while len(self._adapters) < len(adapters):
            self._adapters.append(Facts())
            self._column.insertWidget(len(self._adapters) - 1, self._adapters[-1])
        for place, facts in enumerate(self._adapters):
            facts.show_facts(_adapter(adapters[place]) if place < len(adapters) else [])
        self.public.show_facts([("Public address", agent.public_ip)])


def _adapter(adapter: Adapter) -> _Facts:
    return [
        ("Adapter", adapter.name),
        ("Addresses", "\n".join(adapter.addresses)),
        ("MAC", adapter.mac),
        ("Gateway", "\n".join(adapter.gateways)),
        ("DNS servers", "\n".join(adapter.name_servers)),
        ("DHCP", "" if adapter.dhcp is None else "yes" if adapter.dhcp else "no"),
    ]


def _scrolled(area: QScrollArea, name: str) -> QVBoxLayout:
    """The column of what is scrolled up and down only."""
    inner = QWidget()
    inner.setObjectName("detailColumn")
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    column = QVBoxLayout(inner)
    column.setContentsMargins(12, 6, 12, 12)
    column.setSpacing(8)
    return column
