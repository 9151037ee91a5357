"""What the console knows of one agent beyond its row, once decoded: typed, without nulls, without sentinel texts.

"" and None mean unknown. Texts named `output` may have many lines; all others have one.
"""

from datetime import date, datetime
from enum import Enum

import msgspec

from console.rmm.models import FreshAgent


class Outcome(Enum):
    """How a check or a task ended, the weight of a failure counted in."""

    FAILING = "failing"
    WARNING = "warning"
    INFO = "info"
    PASSING = "passing"
    NOT_RUN = "not run"


class Disk(msgspec.Struct, frozen=True):
    """One volume. The sizes are texts, as the agent words them; `percent` is how full it is, 0 to 100."""

    device: str
    kind: str = ""
    total: str = ""
    used: str = ""
    free: str = ""
    percent: int | None = None


class Adapter(msgspec.Struct, frozen=True):
    """One network adapter that has addresses. `dhcp` is None while unknown."""

    name: str
    addresses: tuple[str, ...] = ()
    mac: str = ""
    gateways: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    dhcp: bool | None = None


class Detail(msgspec.Struct, frozen=True):
    """The whole of one agent, as far as it is of use to a technician.

    `fresh` is its row as it is now. `ram` is in GB; the limits are in minutes, `check_seconds` in seconds.
    `time_zone` is the agent's own where it has one, else the server's.
    """

    fresh: FreshAgent
    ram: float | None = None
    disks: tuple[Disk, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    time_zone: str = ""
    offline_minutes: int | None = None
    overdue_minutes: int | None = None
    check_seconds: int | None = None
    user: str = ""
    last_user: str = ""


class Check(msgspec.Struct, frozen=True):
    """One check with its last result. `fails` counts how often it failed in a row."""

    number: int
    kind: str
    text: str
    outcome: Outcome
    last_run: datetime | None = None
    fails: int = 0
    output: str = ""
    by_policy: bool = False


class Task(msgspec.Struct, frozen=True):
    """One automated task with its last result. `schedule` is in words."""

    number: int
    name: str
    schedule: str
    enabled: bool
    outcome: Outcome
    last_run: datetime | None = None
    output: str = ""
    by_policy: bool = False


class Program(msgspec.Struct, frozen=True):
    """One installed program. `size` is in words."""

    name: str
    version: str = ""
    publisher: str = ""
    installed: date | None = None
    size: str = ""
    location: str = ""


class Patch(msgspec.Struct, frozen=True):
    """One Windows update. `installed_at` is in the server's own time zone, in words; `action` is what is to be done
    with it: "approve", "ignore", "nothing" or "inherit"."""

    number: int
    kb: str
    title: str
    installed: bool
    downloaded: bool
    severity: str = ""
    action: str = ""
    result: str = ""
    installed_at: str = ""
    categories: tuple[str, ...] = ()


class PendingAction(msgspec.Struct, frozen=True):
    """Something that the RMM is still to do. `due` is in words, for a restart in the machine's own time."""

    number: int
    kind: str
    description: str
    due: str
    done: bool
    output: str = ""


class Note(msgspec.Struct, frozen=True):
    """What a technician wrote about an agent; `text` may have many lines."""

    number: int
    text: str
    username: str = ""
    at: datetime | None = None


class Run(msgspec.Struct, frozen=True):
    """A command, script or task that the agent was given. `output` is None while no result has come."""

    number: int
    kind: str
    title: str
    username: str = ""
    at: datetime | None = None
    output: str | None = None
    code: int | None = None
    seconds: float | None = None
