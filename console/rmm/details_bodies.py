"""The bodies of the calls about one agent as they come over the wire, where any field may be null or missing."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import msgspec

from console.rmm.details_models import (
    Adapter,
    Check,
    Disk,
    Note,
    Outcome,
    Patch,
    PendingAction,
    Program,
    Run,
    Task,
)
from console.rmm.texts import STEERING, one_line
from console.rmm.wire import moment

LONGEST_OUTPUT = 200_000
"""In characters: more is cut off, and said so."""
_UNKNOWN = frozenset({"None", "n/a", "-"})
_INSTALLED = re.compile(r"(\d\d) (\d\d) (\d{4}) (\d\d:\d\d)")


class DiskBody(msgspec.Struct):
    device: str | None = None
    fstype: str | None = None
    total: str | None = None
    used: str | None = None
    free: str | None = None
    percent: float | None = None

    def disk(self) -> Disk:
        full = None if self.percent is None else round(min(max(self.percent, 0.0), 100.0))
        return Disk(text(self.device), text(self.fstype), text(self.total), text(self.used), text(self.free), full)


class DetailBody(msgspec.Struct):
    """What is read of `GET /agents/<id>/` beside the row."""

    total_ram: float | None = None
    disks: list[DiskBody] | None = None
    wmi_detail: Any = None
    local_ips: str | None = None
    timezone: str | None = None
    time_zone: str | None = None
    offline_time: int | None = None
    overdue_time: int | None = None
    check_interval: int | None = None
    logged_in_username: str | None = None
    last_logged_in_user: str | None = None


class _ResultBody(msgspec.Struct):
    """The last result of a check or task; `{}` when it never ran."""

    status: str | None = None
    alert_severity: str | None = None
    more_info: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    retcode: int | None = None
    last_run: datetime | None = None
    fail_count: int | None = None

    def outcome(self, severity: str | None) -> Outcome:
        match self.status:
            case "passing":
                return Outcome.PASSING
            case "failing":
                weight = self.alert_severity or severity
                return {"warning": Outcome.WARNING, "info": Outcome.INFO}.get(weight or "", Outcome.FAILING)
        return Outcome.NOT_RUN

    def output(self) -> str:
        parts = [many_lines(part) for part in (self.more_info, self.stdout, self.stderr)]
        if self.retcode:
            parts.append(f"Return code: {self.retcode}")
        return "\n".join(part for part in parts if part)


class CheckBody(msgspec.Struct):
    id: int
    readable_desc: str | None = None
    check_type: str | None = None
    alert_severity: str | None = None
    check_result: _ResultBody | None = None
    policy: Any = None
    managed_by_policy: bool | None = None

    def check(self) -> Check:
        result = self.check_result or _ResultBody()
        return Check(
            self.id,
            text(self.check_type),
            text(self.readable_desc) or f"Check {self.id}",
            result.outcome(self.alert_severity),
            moment(result.last_run),
            result.fail_count or 0,
            result.output(),
            bool(self.managed_by_policy or self.policy),
        )


class TaskBody(msgspec.Struct):
    id: int
    name: str | None = None
    schedule: str | None = None
    enabled: bool | None = None
    alert_severity: str | None = None
    task_result: _ResultBody | None = None
    policy: Any = None
    managed_by_policy: bool | None = None

    def task(self) -> Task:
        result = self.task_result or _ResultBody()
        return Task(
            self.id,
            text(self.name) or f"Task {self.id}",
            text(self.schedule),
            self.enabled is not False,
            result.outcome(None),
            moment(result.last_run),
            result.output(),
            bool(self.managed_by_policy or self.policy),
        )


class ProgramBody(msgspec.Struct):
    name: str | None = None
    version: str | None = None
    publisher: str | None = None
    install_date: str | None = None
    size: str | None = None
    location: str | None = None

    def program(self) -> Program:
        return Program(
            text(self.name) or "(no name)",
            text(self.version),
            text(self.publisher),
            _day(self.install_date),
            "" if (self.size or "").startswith("0 ") else text(self.size),
            text(self.location),
        )


class SoftwareBody(msgspec.Struct):
    """`GET /software/<id>/`, where the agent has told of any; else the body is `[]`."""

    software: list[ProgramBody] | None = None


class PatchBody(msgspec.Struct):
    id: int
    kb: str | None = None
    title: str | None = None
    installed: bool | None = None
    downloaded: bool | None = None
    severity: str | None = None
    action: str | None = None
    result: str | None = None
    date_installed: str | None = None
    categories: list[str | None] | None = None

    def patch(self) -> Patch:
        found = _INSTALLED.fullmatch(self.date_installed or "")
        return Patch(
            self.id,
            text(self.kb),
            text(self.title) or text(self.kb) or f"Update {self.id}",
            self.installed or False,
            self.downloaded or False,
            text(self.severity),
            text(self.action),
            text(self.result),
            f"{found[3]}-{found[1]}-{found[2]} {found[4]}" if found else text(self.date_installed),
            tuple(text(each) for each in self.categories or () if each),
        )


class PendingBody(msgspec.Struct):
    id: int
    action_type: str | None = None
    description: str | None = None
    due: str | None = None
    status: str | None = None
    details: Any = None

    def pending(self) -> PendingAction:
        said = self.details.get("output") if isinstance(self.details, dict) else None
        return PendingAction(
            self.id,
            text(self.action_type),
            text(self.description) or text(self.action_type),
            text(self.due),
            self.status == "completed",
            many_lines(said if isinstance(said, str) else None),
        )


class NoteBody(msgspec.Struct):
    pk: int
    note: str | None = None
    username: str | None = None
    entry_time: datetime | None = None

    def entry(self) -> Note:
        return Note(self.pk, many_lines(self.note), text(self.username), moment(self.entry_time))


class _ScriptResults(msgspec.Struct):
    stdout: str | None = None
    stderr: str | None = None
    retcode: int | None = None
    execution_time: float | str | None = None


class RunBody(msgspec.Struct):
    id: int
    time: datetime | None = None
    type: str | None = None
    command: str | None = None
    script_name: str | None = None
    username: str | None = None
    results: str | None = None
    script_results: _ScriptResults | None = None

    def run(self) -> Run:
        kind = text(self.type)
        title = text(self.command) if kind == "cmd_run" else text(self.script_name)
        script = self.script_results
        output = None if self.results is None else many_lines(self.results)
        if script is not None:
            output = "\n".join(part for part in (many_lines(script.stdout), many_lines(script.stderr)) if part)
        return Run(
            self.id,
            kind,
            title or text(self.command) or text(self.script_name) or "(no name)",
            text(self.username),
            moment(self.time),
            output,
            script.retcode if script else None,
            _number(script.execution_time) if script else None,
        )


class FieldBody(msgspec.Struct):
    id: int
    name: str | None = None


def text(content: str | None) -> str:
    """On one line, without the texts that mean "unknown"."""
    return "" if not content or content in _UNKNOWN else one_line(content)


def many_lines(content: str | None) -> str:
    """With its lines, without other control characters, and of a length that a window can show."""
    if not content:
        return ""
    kept = content[:LONGEST_OUTPUT].replace("\r\n", "\n").replace("\r", "\n")
    if not kept.isprintable():
        kept = "".join(c if c in "\n\t" or not _unfit(c) else " " for c in kept)
    more = len(content) - LONGEST_OUTPUT
    return kept.rstrip() + (f"\n… {more} more characters" if more > 0 else "")


def _unfit(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") or character in STEERING


def adapters(wmi_detail: object, local_ips: str | None) -> tuple[Adapter, ...]:
    """The network adapters, read from what WMI told the agent: lists of lists of objects whose values may be anything.

    Other systems have addresses only.
    """
    found = []
    if isinstance(wmi_detail, dict):
        for group in _items(wmi_detail.get("network_config")):
            for each in _items(group) if isinstance(group, list) else [group]:
                if isinstance(each, dict) and (addresses := _texts(each.get("IPAddress"))):
                    found.append(_adapter(each, addresses))
    if not found and (addresses := tuple(one for one in text(local_ips).split(", ") if one and "error" not in one)):
        found.append(Adapter("", addresses))
    return tuple(found)


def _adapter(each: dict[str, Any], addresses: tuple[str, ...]) -> Adapter:
    name = next((text(value) for key in ("Description", "Caption") if isinstance(value := each.get(key), str)), "")
    dhcp = each.get("DHCPEnabled")
    return Adapter(
        re.sub(r"^\[\d+\] ", "", name),
        tuple(part for one in addresses for part in one.split(", ")),
        text(mac) if isinstance(mac := each.get("MACAddress"), str) else "",
        _texts(each.get("DefaultIPGateway")),
        _texts(each.get("DNSServerSearchOrder")),
        dhcp if isinstance(dhcp, bool) else None,
    )


def _items(value: object) -> list[Any]:
    return value[:64] if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else _items(value)
    return tuple(one for item in items if isinstance(item, str) and (one := text(item)))


def _day(stamp: str | None) -> date | None:
    """`0001-01-01 …` is how an agent writes that it does not know."""
    with suppress(ValueError):
        found = date.fromisoformat((stamp or "")[:10])
        return found if found.year > 1 else None
    return None


def _number(value: float | str | None) -> float | None:
    with suppress(ValueError):
        return None if value is None else float(value)
    return None
