"""What the console knows of agents and servers, once decoded: typed, without nulls, without sentinel texts."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import msgspec

from console.secret import Secret


class AgentStatus(Enum):
    """As the server computes it from the agent's own limits; it cannot be computed here (rmm-api, agents list)."""

    ONLINE = "online"
    OFFLINE = "offline"
    OVERDUE = "overdue"
    UNKNOWN = ""

    @classmethod
    def _missing_(cls, value: object) -> "AgentStatus":
        return cls.UNKNOWN


class Platform(Enum):
    """The operating system family of an agent."""

    WINDOWS = "windows"
    LINUX = "linux"
    MACOS = "darwin"
    UNKNOWN = ""

    @classmethod
    def _missing_(cls, value: object) -> "Platform":
        return cls.UNKNOWN


class Checks(msgspec.Struct, frozen=True, gc=False):
    """Counts of an agent's checks. All zero also when the server has nothing cached: that is not "no checks"."""

    total: int = 0
    passing: int = 0
    failing: int = 0
    warning: int = 0
    info: int = 0

    @property
    def amiss(self) -> int:
        """Those that fail or warn: the RMM's web page calls an agent with either failing."""
        return self.failing + self.warning


class CustomField(msgspec.Struct, frozen=True, gc=False):
    """A custom field that was set on an agent. `field` is the id of its definition."""

    field: int
    value: str | bool | float | tuple[str, ...] | None = None


class Agent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the agents list. "", () and None mean unknown.

    `boot_time` is in Unix seconds. `italic` says that `logged_username` is the last user and nobody is logged on now.
    `local_ips` is one text, separated by ", ". `overdue_…_alert` are the agent's own switches, and `alert_template`
    names the template that may overrule them. `policy` is the id of the policy that is set on the agent itself.
    """

    agent_id: str
    hostname: str = ""
    client_name: str = ""
    site_name: str = ""
    monitoring_type: str = ""
    description: str = ""
    needs_reboot: bool = False
    pending_actions_count: int = 0
    status: AgentStatus = AgentStatus.UNKNOWN
    last_seen: datetime | None = None
    boot_time: float | None = None
    checks: Checks = Checks()
    maintenance_mode: bool = False
    logged_username: str = ""
    italic: bool = False
    plat: Platform = Platform.UNKNOWN
    goarch: str = ""
    has_patches_pending: bool = False
    version: str = ""
    operating_system: str = ""
    public_ip: str = ""
    cpu_model: tuple[str, ...] = ()
    graphics: str = ""
    local_ips: str = ""
    make_model: str = ""
    physical_disks: tuple[str, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    serial_number: str = ""
    overdue_email_alert: bool = False
    overdue_text_alert: bool = False
    overdue_dashboard_alert: bool = False
    alert_template: str = ""
    block_policy_inheritance: bool = False
    policy: int | None = None


class Client(msgspec.Struct, frozen=True):
    """A client of the RMM with the names of its sites, those without agents among them."""

    client_id: int
    name: str
    sites: tuple[str, ...]


class AgentNow(msgspec.Struct, frozen=True):
    """What one agent's own call says. `boot_time` is in Unix seconds, None while unknown."""

    status: AgentStatus
    boot_time: float | None


class BadRow(msgspec.Struct, frozen=True):
    """A row of the agents list that could not be read. `position` counts from 0; `reason` holds none of its values.

    `agent_id` is whose row it is, "" when that could not be read either.
    """

    position: int
    reason: str
    agent_id: str = ""


class AgentList(msgspec.Struct, frozen=True):
    """The agents list as far as it could be read, in the server's order, which means nothing."""

    agents: tuple[Agent, ...]
    bad: tuple[BadRow, ...]


class FreshAgent(msgspec.Struct, frozen=True):
    """What one agent's own call says of its row: fields of Agent by name, those that it tells. `node_id` is its id in
    MeshCentral, "" when it has none there and None when the answer does not tell."""

    agent_id: str
    told: Mapping[str, object]
    node_id: str | None

    def over(self, row: Agent) -> Agent:
        """The row with what was told."""
        return msgspec.structs.replace(row, **self.told)


class MeshLinks(msgspec.Struct, frozen=True):
    """The session links of one agent, as the server made them: unchecked. `status` is the RMM's view of the agent."""

    control: Secret
    terminal: Secret
    file: Secret
    hostname: str
    status: AgentStatus
    client: str
    site: str


class DashInfo(msgspec.Struct, frozen=True):
    """What the console uses of `/core/dashinfo/`."""

    trmm_version: str
    sso_enabled: bool
    block_local_user_logon: bool
