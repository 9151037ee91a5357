"""The columns of the agents table, as data."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from console.fleet.grouping import Grouping, group_order
from console.fleet.order import Order, SortBy, SortKey
from console.fleet.query.words import custom_text
from console.rmm.models import Agent, AgentStatus, Platform

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


class ColumnSpec(msgspec.Struct, frozen=True):
    """One column. `icon` gives an icon and the name of its colour in theme.Colours, or None.

    `width` is in device-independent pixels. `tip` may say more than the cell. `part` is what it is about, for the menu
    of columns; `shown` is whether it is there until somebody chooses. A column that is `relative` to now changes by
    itself: that is no news. `unknown`: no text means that it is not known, not that there is none.
    """

    name: str
    title: str
    width: int
    text: Callable[[Agent, datetime], str]
    key: Callable[[Agent], SortKey]
    icon: Callable[[Agent], tuple[str, str] | None] = lambda agent: None
    tip: Callable[[Agent], str] = lambda agent: ""
    muted: Callable[[Agent], bool] = lambda agent: False
    part: str = ""
    shown: bool = True
    relative: bool = False
    unknown: bool = False


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


def _alerts(agent: Agent) -> str:
    switches = (
        (agent.overdue_email_alert, "e-mail"),
        (agent.overdue_text_alert, "text"),
        (agent.overdue_dashboard_alert, "dashboard"),
    )
    return ", ".join(word for on, word in switches if on)


_BLOCKED = "not inherited"


def _plain(name: str, title: str, width: int, text: Callable[[Agent], str], part: str) -> ColumnSpec:
    """A column of one text, hidden until it is chosen."""
    return ColumnSpec(
        name,
        title,
        width,
        lambda agent, now: text(agent),
        lambda agent: _of(text(agent)),
        part=part,
        shown=False,
        unknown=part in (_SYSTEM, _ADDRESS, _HARDWARE),
    )


_STATE = "State"
_SYSTEM = "System"
_ADDRESS = "Addresses"
_HARDWARE = "Hardware"
CUSTOM = "Custom fields"
PARTS = ("", _STATE, _SYSTEM, _ADDRESS, _HARDWARE, CUSTOM)
"""What columns are about, in the order in which the menu of columns shows them; "" stands in the menu itself."""

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
        relative=True,
    ),
    ColumnSpec("checks", "Checks", 128, lambda agent, now: _checks_text(agent), _checks_key, icon=_checks_icon),
    ColumnSpec(
        "description", "Description", 140, lambda agent, now: agent.description, lambda agent: _of(agent.description)
    ),
    ColumnSpec(
        "reboot",
        "Reboot",
        100,
        lambda agent, now: "needed" if agent.needs_reboot else "",
        lambda agent: (0, 0.0) if agent.needs_reboot else _UNKNOWN,
        icon=lambda agent: ("reboot", "warning") if agent.needs_reboot else None,
    ),
    ColumnSpec(
        "boot",
        "Up for",
        96,
        lambda agent, now: up_for(agent.boot_time, now),
        lambda agent: (0, -agent.boot_time) if agent.boot_time else _UNKNOWN,
        tip=lambda agent: f"Started {local(_moment(agent.boot_time))}" if agent.boot_time else "",
        part=_STATE,
        shown=False,
        relative=True,
    ),
    ColumnSpec(
        "patches",
        "Patches",
        96,
        lambda agent, now: "pending" if agent.has_patches_pending else "",
        lambda agent: (0, 0.0) if agent.has_patches_pending else _UNKNOWN,
        icon=lambda agent: ("download", "warning") if agent.has_patches_pending else None,
        part=_STATE,
        shown=False,
    ),
    ColumnSpec(
        "actions",
        "Actions",
        96,
        lambda agent, now: f"{agent.pending_actions_count} pending" if agent.pending_actions_count else "",
        lambda agent: (0, -float(agent.pending_actions_count)) if agent.pending_actions_count else _UNKNOWN,
        icon=lambda agent: ("clock", "warning") if agent.pending_actions_count else None,
        part=_STATE,
        shown=False,
    ),
    ColumnSpec(
        "maintenance",
        "Maintenance",
        112,
        lambda agent, now: "on" if agent.maintenance_mode else "",
        lambda agent: (0, 0.0) if agent.maintenance_mode else _UNKNOWN,
        icon=lambda agent: ("maintenance", "accent") if agent.maintenance_mode else None,
        part=_STATE,
        shown=False,
    ),
    _plain("alerts", "Alerts when overdue", 144, lambda agent: _alerts(agent), _STATE),
    _plain("alert_template", "Alert template", 128, lambda agent: agent.alert_template, _STATE),
    _plain("inheritance", "Policies", 112, lambda agent: _BLOCKED if agent.block_policy_inheritance else "", _STATE),
    ColumnSpec(
        "policy",
        "Own policy",
        96,
        lambda agent, now: "" if agent.policy is None else f"no. {agent.policy}",
        lambda agent: _UNKNOWN if agent.policy is None else (0, float(agent.policy)),
        tip=lambda agent: "" if agent.policy is None else f"The policy with the id {agent.policy} is set on it.",
        part=_STATE,
        shown=False,
    ),
    _plain("type", "Type", 104, lambda agent: agent.monitoring_type.capitalize(), _SYSTEM),
    _plain("version", "Agent version", 104, lambda agent: agent.version, _SYSTEM),
    _plain("arch", "Architecture", 96, lambda agent: agent.goarch, _SYSTEM),
    _plain("agent_id", "Agent id", 168, lambda agent: agent.agent_id, _SYSTEM),
    _plain("public_ip", "Public address", 128, lambda agent: agent.public_ip, _ADDRESS),
    _plain("local_ips", "Local addresses", 168, lambda agent: agent.local_ips, _ADDRESS),
    _plain("model", "Make and model", 176, lambda agent: agent.make_model, _HARDWARE),
    _plain("cpu", "Processor", 200, lambda agent: ", ".join(agent.cpu_model), _HARDWARE),
    _plain("graphics", "Graphics", 168, lambda agent: agent.graphics, _HARDWARE),
    _plain("disks", "Disks", 200, lambda agent: ", ".join(agent.physical_disks), _HARDWARE),
    _plain("serial", "Serial number", 128, lambda agent: agent.serial_number, _HARDWARE),
)


def custom_columns(names: Mapping[int, str]) -> tuple[ColumnSpec, ...]:
    """A column for each custom field, by its id; hidden until chosen."""
    return tuple(_custom(number, names[number]) for number in sorted(names, key=lambda one: names[one].casefold()))


def _custom(number: int, title: str) -> ColumnSpec:
    def text(agent: Agent) -> str:
        values = (custom_text(one.value) for one in agent.custom_fields if one.field == number)
        return ", ".join(part for value in values for part in value)

    return _plain(f"custom {number}", title or f"Custom field {number}", 128, text, CUSTOM)


def up_for(boot_time: float | None, now: datetime) -> str:
    """How long a machine runs: "40 min", "5 h", "12 days"; "" when that is not known."""
    if not boot_time:
        return ""
    seconds = max(0.0, now.timestamp() - boot_time)
    if seconds >= 2 * 86_400:
        return f"{int(seconds // 86_400)} days"
    return f"{int(seconds // 3600)} h" if seconds >= 3600 else f"{int(seconds // 60)} min"


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def now() -> datetime:
    return datetime.now(UTC)


SORTED_AT_FIRST: tuple[tuple[str, bool], ...] = (("hostname", False),)


def order_of(sorting: Iterable[tuple[str, bool]], grouping: Grouping, columns: Iterable[ColumnSpec] = COLUMNS) -> Order:
    """The order of the rows: columns by name, each with whether downwards; unknown ones are skipped."""
    keys = {column.name: column.key for column in columns}
    own = (SortBy(name, keys[name], down) for name, down in sorting if name in keys)
    return (*group_order(grouping), *own)
