"""The bodies of Tactical RMM as they come over the wire, where any field may be null or missing, and how they are read.

The sentinel texts are those that the server and its agents send for "unknown" (rmm-api, agents list).
"""

import re
from datetime import UTC, datetime

import msgspec

from console.rmm.models import Agent, AgentStatus, Checks, CustomField, Platform
from console.rmm.texts import one_line

AGENT_ID = re.compile(r"[A-Za-z0-9_-]{21,200}")
_FIRST_YEAR, _LAST_YEAR = 1971, 9999
_LAST_MOMENT = datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()
_MOST = 2**31
"""More is no number of anything: JSON has no limits, what is sorted and kept has."""
_UNKNOWN = frozenset(
    {
        "-",
        "None",
        "error getting local ips",
        "unknown make/model",
        "error getting make/model",
        "unknown cpu model",
        "unknown disk",
        "Graphics info requires agent v1.4.14",
        "Error getting graphics cards",
        "No graphics cards",
    }
)


class ChecksBody(msgspec.Struct):
    total: int | None = None
    passing: int | None = None
    failing: int | None = None
    warning: int | None = None
    info: int | None = None

    def checks(self) -> Checks:
        return Checks(*map(_count, (self.total, self.passing, self.failing, self.warning, self.info)))


class AlertTemplateBody(msgspec.Struct):
    name: str | None = None


class AgentRow(msgspec.Struct):
    """One row of `GET /agents/` in the full form."""

    agent_id: str
    hostname: str | None = None
    client_name: str | None = None
    site_name: str | None = None
    monitoring_type: str | None = None
    description: str | None = None
    needs_reboot: bool | None = None
    pending_actions_count: int | None = None
    status: str | None = None
    last_seen: datetime | None = None
    boot_time: float | None = None
    checks: ChecksBody | None = None
    maintenance_mode: bool | None = None
    logged_username: str | None = None
    italic: bool | None = None
    plat: str | None = None
    goarch: str | None = None
    has_patches_pending: bool | None = None
    version: str | None = None
    operating_system: str | None = None
    public_ip: str | None = None
    cpu_model: list[str | None] | None = None
    graphics: str | None = None
    local_ips: str | None = None
    make_model: str | None = None
    physical_disks: list[str | None] | None = None
    custom_fields: list[CustomField] | None = None
    serial_number: str | None = None
    overdue_email_alert: bool | None = None
    overdue_text_alert: bool | None = None
    overdue_dashboard_alert: bool | None = None
    alert_template: AlertTemplateBody | None = None
    block_policy_inheritance: bool | None = None
    policy: int | None = None

    def agent(self) -> Agent:
        """The row without nulls and sentinels. Raises ValueError when its agent_id is none that a URL can carry."""
        if not AGENT_ID.fullmatch(self.agent_id):
            raise ValueError("the agent_id is not one")
        return Agent(
            agent_id=self.agent_id,
            hostname=_text(self.hostname),
            client_name=_text(self.client_name),
            site_name=_text(self.site_name),
            monitoring_type=_text(self.monitoring_type),
            description=_text(self.description),
            needs_reboot=self.needs_reboot or False,
            pending_actions_count=_count(self.pending_actions_count),
            status=AgentStatus(self.status or ""),
            last_seen=moment(self.last_seen),
            boot_time=boot_time(self.boot_time),
            checks=self.checks.checks() if self.checks else Checks(),
            maintenance_mode=self.maintenance_mode or False,
            logged_username=_known(self.logged_username),
            italic=self.italic or False,
            plat=Platform(self.plat or ""),
            goarch=_text(self.goarch),
            has_patches_pending=self.has_patches_pending or False,
            version=_text(self.version),
            operating_system=_text(self.operating_system),
            public_ip=_text(self.public_ip),
            cpu_model=_known_of(self.cpu_model),
            graphics=_known(self.graphics),
            local_ips=_known(self.local_ips),
            make_model=_known(self.make_model),
            physical_disks=_known_of(self.physical_disks),
            custom_fields=tuple(self.custom_fields or ()),
            serial_number=_known(self.serial_number),
            overdue_email_alert=self.overdue_email_alert or False,
            overdue_text_alert=self.overdue_text_alert or False,
            overdue_dashboard_alert=self.overdue_dashboard_alert or False,
            alert_template=_text(self.alert_template.name) if self.alert_template else "",
            block_policy_inheritance=self.block_policy_inheritance or False,
            policy=self.policy if self.policy is None or 0 <= self.policy < _MOST else None,
        )


class AgentNowBody(msgspec.Struct):
    """What is read of `GET /agents/<id>/`: up to 145 kB, most of it inventory."""

    status: str
    boot_time: float | None = None


class StatusBody(msgspec.Struct):
    """`GET /agents/<id>/ping/`."""

    status: str


class RebootLaterBody(msgspec.Struct):
    """`PATCH /agents/<id>/reboot/`. `time` is text, as people write it, in the agent's time zone."""

    time: str


class MeshLinksBody(msgspec.Struct):
    """`GET /agents/<id>/meshcentral/`."""

    control: str
    terminal: str
    file: str
    hostname: str | None = None
    status: str | None = None
    client: str | None = None
    site: str | None = None


class DashInfoBody(msgspec.Struct):
    """What is read of `GET /core/dashinfo/`. The version is what tells a Tactical RMM server from anything else."""

    trmm_version: str
    sso_enabled: bool | None = None
    block_local_user_logon: bool | None = None


class ReachBody(msgspec.Struct):
    """`GET /`."""

    status: str


class CheckCredentialsBody(msgspec.Struct):
    """`POST /v2/checkcreds/`: with `totp` true it holds nothing else."""

    totp: bool
    token: str | None = None


class SignInBody(msgspec.Struct):
    """`POST /v2/login/`."""

    token: str
    expiry: datetime
    username: str | None = None


class TotpBody(msgspec.Struct):
    """`POST /accounts/users/setup_totp/` the first time; later the whole body is `false`."""

    totp_key: str
    qr_url: str
    username: str | None = None


class _Provider(msgspec.Struct):
    name: str | None = None
    id: str | None = None


class _SocialAccount(msgspec.Struct):
    providers: list[_Provider] | None = None


class _SsoData(msgspec.Struct):
    socialaccount: _SocialAccount | None = None


class SsoBody(msgspec.Struct):
    """`GET /_allauth/browser/v1/config/`."""

    data: _SsoData | None = None

    def names(self) -> tuple[str, ...]:
        account = self.data.socialaccount if self.data else None
        names = (_text(provider.name or provider.id) for provider in (account and account.providers) or ())
        return tuple(name for name in names if name)


def _text(text: str | None) -> str:
    if not text:
        return ""
    return text if text.isprintable() else one_line(text)


def _count(number: int | None) -> int:
    return number if number is not None and 0 <= number < _MOST else 0


def _known(text: str | None) -> str:
    return "" if text in _UNKNOWN else _text(text)


def _known_of(parts: list[str | None] | None) -> tuple[str, ...]:
    return tuple(known for part in parts or () if (known := _known(part)))


def moment(stamp: datetime | None) -> datetime | None:
    """Aware: all moments of the API are in UTC. None for one that cannot be shown in every time zone and on every
    system: agents write the year 1 for "never", and its first hours have no local time west of Greenwich."""
    if stamp is None or not _FIRST_YEAR <= stamp.year < _LAST_YEAR:
        return None
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp


def boot_time(seconds: float | None) -> float | None:
    """Unix seconds, None for what cannot be a moment."""
    return seconds if seconds is not None and 0 < seconds < _LAST_MOMENT else None
