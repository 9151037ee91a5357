"""The columns of the agents table, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from console.rmm.models import Agent, AgentStatus, Platform

SortKey = tuple[int, str | float]
"""(0, value) for a known value, (1, …) for an unknown one: unknown ones stand last when sorted upwards."""

_UNKNOWN: SortKey = (1, "")
STATUS_WORDS = {
    AgentStatus.ONLINE: "Online",
    AgentStatus.OFFLINE: "Offline",
    AgentStatus.OVERDUE: "Overdue",
    AgentStatus.UNKNOWN: "Unknown",
}
STATUS_ICONS = {
    AgentStatus.ONLINE: ("online", "good"),
    AgentStatus.OFFLINE: ("offline", "warning"),
    AgentStatus.OVERDUE: ("overdue", "bad"),
    AgentStatus.UNKNOWN: ("unknown", "neutral"),
}
_PLATFORM_ICONS = {Platform.WINDOWS: "windows", Platform.LINUX: "linux", Platform.MACOS: "macos"}
_PLATFORM_WORDS = {Platform.WINDOWS: "Windows", Platform.LINUX: "Linux", Platform.MACOS: "macOS"}
_STATUS_ORDER = (AgentStatus.ONLINE, AgentStatus.OFFLINE, AgentStatus.OVERDUE, AgentStatus.UNKNOWN)


@dataclass(frozen=True)
class ColumnSpec:
    """One column. `icon` gives an icon and the name of its colour in theme.Colours, or None.

    `width` is in device-independent pixels. `tip` may say more than the cell.
    """

    name: str
    title: str
    width: int
    text: Callable[[Agent, datetime], str]
    key: Callable[[Agent], SortKey]
    icon: Callable[[Agent], tuple[str, str] | None] = lambda agent: None
    tip: Callable[[Agent], str] = lambda agent: ""
    muted: Callable[[Agent], bool] = lambda agent: False


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago in the largest unit that says enough: "now", "5 min ago", "3 h ago", "12 days ago"."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            plural = "s" if unit == "day" and count > 1 else ""
            return f"{count} {unit}{plural} ago"
    return "now" if seconds > -300 else "in the future"


def local(moment: datetime | None) -> str:
    """A moment in this computer's time zone, for a tool tip."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _of(text: str) -> SortKey:
    return (0, text.casefold()) if text else _UNKNOWN


def _checks_text(agent: Agent) -> str:
    if agent.maintenance_mode:
        return "maintenance"
    checks = agent.checks
    if checks.failing:
        return f"{checks.failing} failing"
    if checks.warning:
        return f"{checks.warning} warning" + ("s" if checks.warning > 1 else "")
    if checks.info:
        return f"{checks.info} info"
    return f"{checks.passing} passing" if checks.passing else ""


def _checks_icon(agent: Agent) -> tuple[str, str] | None:
    if agent.maintenance_mode:
        return ("maintenance", "accent")
    checks = agent.checks
    if checks.failing:
        return ("failed", "bad")
    if checks.warning:
        return ("warning", "warning")
    if checks.info:
        return ("info", "accent")
    return ("check", "good") if checks.passing else None


def _checks_key(agent: Agent) -> SortKey:
    checks = agent.checks
    return (0, -(checks.failing * 1e6 + checks.warning * 1e3 + checks.info)) if checks.total else _UNKNOWN


def _last_seen_key(agent: Agent) -> SortKey:
    return (0, -agent.last_seen.timestamp()) if agent.last_seen else _UNKNOWN


def _user_tip(agent: Agent) -> str:
    return "Nobody is signed in; this was the last user." if agent.italic and agent.logged_username else ""


def _platform_icon(agent: Agent) -> tuple[str, str] | None:
    name = _PLATFORM_ICONS.get(agent.plat)
    return (name, "muted") if name else None


COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec(
        "status",
        "Status",
        100,
        lambda agent, now: STATUS_WORDS[agent.status],
        lambda agent: (0, float(_STATUS_ORDER.index(agent.status))),
        icon=lambda agent: STATUS_ICONS[agent.status],
    ),
    ColumnSpec("hostname", "Host name", 160, lambda agent, now: agent.hostname, lambda agent: _of(agent.hostname)),
    ColumnSpec("client", "Client", 140, lambda agent, now: agent.client_name, lambda agent: _of(agent.client_name)),
    ColumnSpec("site", "Site", 112, lambda agent, now: agent.site_name, lambda agent: _of(agent.site_name)),
    ColumnSpec(
        "user",
        "User",
        104,
        lambda agent, now: agent.logged_username,
        lambda agent: _of(agent.logged_username),
        tip=_user_tip,
        muted=lambda agent: agent.italic,
    ),
    ColumnSpec(
        "os",
        "Operating system",
        176,
        lambda agent, now: agent.operating_system or _PLATFORM_WORDS.get(agent.plat, ""),
        lambda agent: _of(agent.plat.value + agent.operating_system),
        icon=_platform_icon,
    ),
    ColumnSpec(
        "last_seen",
        "Last seen",
        100,
        lambda agent, now: ago(agent.last_seen, now),
        _last_seen_key,
        tip=lambda agent: local(agent.last_seen),
    ),
    ColumnSpec(
        "reboot",
        "Reboot",
        100,
        lambda agent, now: "needed" if agent.needs_reboot else "",
        lambda agent: (0, 0.0) if agent.needs_reboot else _UNKNOWN,
        icon=lambda agent: ("reboot", "warning") if agent.needs_reboot else None,
    ),
    ColumnSpec("checks", "Checks", 128, lambda agent, now: _checks_text(agent), _checks_key, icon=_checks_icon),
    ColumnSpec(
        "description", "Description", 140, lambda agent, now: agent.description, lambda agent: _of(agent.description)
    ),
)


def now() -> datetime:
    return datetime.now(UTC)
