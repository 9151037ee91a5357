"""What the demo's RMM has to tell of each of its agents: checks, tasks, programs, updates, history.

All of it is invented, the same in every run, and fits the machine: its platform, and the counts in its row. The keys
and types are those of the real server (rmm-api, actions and agent data).
"""

import random
from collections.abc import Iterable

from console.demo.api_notes import Notes
from console.demo.details_words import CHECKS, NOTES, PATCHES, PROGRAMS, RUNS, SUFFIXES, TASKS, CheckWords
from console.demo.fleet import Machine, iso

_MADE = "2026-01-05T08:00:00.000000Z"
_TEMPLATE = {"name": "Critical servers", "always_email": None, "always_text": None, "always_alert": None}
_BY_WHOM = {"created_by": None, "created_time": _MADE, "modified_by": None, "modified_time": _MADE}
_DAY = 86_400.0
FIELDS = (("Asset tag", "text", ()), ("Leased", "checkbox", ()), ("Labels", "multiple", ("VIP", "Kiosk", "Spare")))


def custom_fields() -> list[dict[str, object]]:
    return [
        {
            "id": number,
            **_BY_WHOM,
            "order": number,
            "model": "agent",
            "type": kind,
            "options": list(options),
            "name": name,
            "required": False,
            "default_value_string": None,
            "default_value_bool": False,
            "default_values_multiple": [],
            "hide_in_ui": False,
            "hide_in_summary": False,
        }
        for number, (name, kind, options) in enumerate(FIELDS, 1)
    ]


def checks(machine: Machine, now: float) -> list[dict[str, object]]:
    """As many failing, warning and passing ones as the row says; those of a machine that never came never ran."""
    dice = _dice(machine, "checks")
    counts = machine.inventory["checks"]
    tally = counts if isinstance(counts, dict) else {}
    ways = ["failing"] * int(tally.get("failing", 0)) + ["warning"] * int(tally.get("warning", 0))
    ways += ["passing"] * int(tally.get("passing", 0)) or ["passing"] * 3
    if machine.presence.never:
        ways = ["never"] * 2
    kinds = [words for words in CHECKS if machine.plat in words.plats]
    return [_check(machine, dice, kinds[place % len(kinds)], way, place, now) for place, way in enumerate(ways)]


def _check(
    machine: Machine, dice: random.Random, words: CheckWords, way: str, place: int, now: float
) -> dict[str, object]:
    number = machine.number * 20 + place
    script = words.kind == "script"
    said = dice.choice(words.good if way == "passing" else words.bad)
    result: dict[str, object] = {
        "id": number,
        "status": "passing" if way == "passing" else "failing",
        "alert_severity": {"failing": "error", "warning": "warning"}.get(way),
        "more_info": None if script else said,
        "last_run": iso(_lately(machine, now) - dice.uniform(5, 110)),
        "fail_count": 0 if way == "passing" else dice.randrange(1, 40),
        "outage_history": None,
        "extra_details": None,
        "stdout": said if script else None,
        "stderr": None,
        "retcode": (0 if way == "passing" else 1) if script else None,
        "execution_time": "1.2041" if script else None,
        "history": [],
        "agent": machine.number,
        "assigned_check": number,
    }
    return {
        "id": number,
        "readable_desc": words.text,
        "assignedtasks": [],
        "alert_template": _TEMPLATE if machine.monitoring_type == "server" else None,
        "check_result": {} if way == "never" else result,
        **_BY_WHOM,
        "overridden_by_policy": False,
        "name": None,
        "check_type": words.kind,
        "email_alert": False,
        "text_alert": False,
        "dashboard_alert": False,
        "fails_b4_alert": 1,
        "run_interval": 0,
        "alert_severity": "warning" if way == "warning" else "error",
        "error_threshold": 10 if words.kind == "diskspace" else 0,
        "warning_threshold": 25 if words.kind == "diskspace" else 0,
        "disk": "C:" if words.kind == "diskspace" else None,
        "ip": None,
        "script_args": [],
        "env_vars": [],
        "info_return_codes": [],
        "warning_return_codes": [],
        "success_return_codes": [],
        "timeout": None,
        "svc_name": "Spooler" if words.kind == "winsvc" else None,
        "svc_display_name": "Print Spooler" if words.kind == "winsvc" else None,
        "pass_if_start_pending": False if words.kind == "winsvc" else None,
        "pass_if_svc_not_exist": False,
        "restart_if_stopped": True if words.kind == "winsvc" else None,
        "svc_policy_mode": None,
        "log_name": None,
        "event_id": None,
        "event_id_is_wildcard": False,
        "event_type": None,
        "event_source": None,
        "event_message": None,
        "fail_when": None,
        "search_last_days": None,
        "number_of_events_b4_alert": 1,
        "managed_by_policy": False,
        "agent": machine.number,
        "policy": None,
        "script": None,
    }


def tasks(machine: Machine, now: float) -> list[dict[str, object]]:
    dice = _dice(machine, "tasks")
    rows: list[dict[str, object]] = []
    for place, words in enumerate(each for each in TASKS if machine.plat in each.plats):
        number = machine.number * 10 + place
        failed = machine.number % 9 == 4 and place == 0
        ran = not machine.presence.never and not (machine.number % 4 == 0 and place == 1)
        at = iso(_lately(machine, now) - dice.uniform(600, _DAY))
        result = {
            "id": number,
            "retcode": 1 if failed else 0,
            "stdout": words.bad if failed else words.good,
            "stderr": None,
            "execution_time": f"{dice.uniform(0.2, 90):.2f}",
            "last_run": at,
            "status": "failing" if failed else "passing",
            "sync_status": "synced",
            "locked_at": None,
            "run_status": None,
            "agent": machine.number,
            "task": number,
        }
        action = {"name": words.script, "type": "script", "script": place + 1, "timeout": 60}
        rows.append(
            {
                "id": number,
                "schedule": words.schedule,
                "alert_template": None,
                "run_time_date": at,
                "expire_date": None,
                "task_result": result if ran else {},
                **_BY_WHOM,
                "actions": [{**action, "env_vars": [], "script_args": []}],
                "name": words.name,
                "collector_all_output": False,
                "enabled": machine.number % 6 != 1 or place > 0,
                "continue_on_error": True,
                "alert_severity": "info",
                "email_alert": False,
                "text_alert": False,
                "dashboard_alert": False,
                "task_type": "daily",
                "win_task_name": "TacticalRMM_" + "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=36)),
                "daily_interval": 1,
                "run_time_bit_weekdays": None,
                "weekly_interval": None,
                "run_time_minute": None,
                "monthly_days_of_month": None,
                "monthly_months_of_year": None,
                "monthly_weeks_of_month": None,
                "task_repetition_duration": None,
                "task_repetition_interval": None,
                "stop_task_at_duration_end": False,
                "random_task_delay": None,
                "remove_if_not_scheduled": False,
                "run_asap_after_missed": False,
                "task_instance_policy": 1,
                "task_supported_platforms": [machine.plat],
                "managed_by_policy": False,
                "agent": machine.number,
                "policy": None,
                "custom_field": None,
                "assigned_check": None,
            }
        )
    return rows


def software(machine: Machine) -> object:
    """Windows agents alone tell of programs; the real server answers `[]` for the others."""
    if machine.plat != "windows" or machine.presence.never:
        return []
    dice = _dice(machine, "software")
    names = [(name + suffix, publisher) for name, publisher in PROGRAMS for suffix in dice.sample(SUFFIXES, 2)]
    chosen = dice.sample(names, dice.randrange(40, min(121, len(names))))
    rows = []
    for name, publisher in chosen:
        known = dice.random() < 0.8
        day = f"20{dice.randrange(19, 27)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
        rows.append(
            {
                "name": name,
                "size": f"{dice.uniform(0.4, 900):.1f} MB" if known else "0 B",
                "source": "",
                "version": f"{dice.randrange(1, 130)}.{dice.randrange(20)}.{dice.randrange(9000)}",
                "location": f"C:\\Program Files\\{name.split()[0]}\\",
                "publisher": publisher,
                "uninstall": f'"C:\\Program Files\\{name.split()[0]}\\uninstall.exe"',
                "install_date": f"{day if known else '0001-01-01'} 00:00:00 +0000 UTC",
            }
        )
    return {"id": machine.number, "software": rows, "agent": machine.number}


def patches(machine: Machine, now: float) -> list[dict[str, object]]:
    if machine.plat != "windows" or machine.presence.never:
        return []
    dice = _dice(machine, "patches")
    waiting = 2 if machine.inventory.get("has_patches_pending") else 0
    rows: list[dict[str, object]] = []
    for place, words in enumerate(PATCHES):
        installed = place >= waiting
        day = f"{dice.randrange(1, 12):02d} {dice.randrange(1, 29):02d} 2026 {dice.randrange(1, 6):02d}:26"
        rows.append(
            {
                "id": machine.number * 20 + place,
                "date_installed": day if installed else None,
                "guid": f"{dice.randrange(16**8):08x}-2222-3333-4444-{dice.randrange(16**12):012x}",
                "kb": words.kb,
                "title": words.title,
                "installed": installed,
                "downloaded": installed or place == 0,
                "description": None,
                "severity": words.severity,
                "categories": list(words.categories),
                "category_ids": [],
                "kb_article_ids": [words.kb.removeprefix("KB")],
                "more_info_urls": [],
                "support_url": None,
                "revision_number": 200,
                "action": "nothing" if installed else dice.choice(("approve", "inherit", "ignore")),
                "result": "success" if installed else "n/a",
                "agent": machine.number,
            }
        )
    return rows


def history(machine: Machine, now: float) -> list[dict[str, object]]:
    """Oldest first, as the real server gives it."""
    if machine.presence.never:
        return []
    dice = _dice(machine, "history")
    windows = machine.plat == "windows"
    moments = sorted(dice.uniform(3600, 60 * _DAY) for _ in range(dice.randrange(2, 14)))[::-1]
    rows: list[dict[str, object]] = []
    for place, before in enumerate(moments):
        words = dice.choice([each for each in RUNS if each.windows is None or each.windows == windows])
        number = machine.number * 100 + place
        script = words.script
        output = words.output.replace("HOST", machine.hostname)
        results = {"id": number, "stderr": "", "stdout": output, "retcode": words.code, "execution_time": 0.51}
        rows.append(
            {
                "id": number,
                **({"script_name": script} if script else {}),
                "time": iso(now - before),
                "type": "script_run" if script else "cmd_run",
                "command": "" if script else words.command,
                "username": dice.choice(("technician", "tech", "m.alvarez")),
                "results": None if script else output.replace("\n", "\r\n"),
                "script_results": results if script else None,
                "collector_all_output": False,
                "save_to_agent_note": False,
                "agent": machine.number,
                "script": 1 if script else None,
                "custom_field": None,
            }
        )
    return rows


def pending(machine: Machine, now: float) -> list[dict[str, object]]:
    """One when the row says so, and an old one that is done."""
    rows: list[dict[str, object]] = []
    if machine.number % 13 == 5 and not machine.presence.never:
        due = "2031-01-02 03:04:00"
        name = "TacticalRMM_SchedReboot_abcdefghij"
        rows.append(pending_row(machine, 1, "schedreboot", due, {"time": due, "taskname": name}, now - 7200))
        done = {
            "name": "7zip",
            "output": "Chocolatey v2.3.0\n7zip v24.08 installed.\n 1/1 packages.",
            "installed": True,
        }
        rows.append(pending_row(machine, 2, "chocoinstall", "ASAP", done, now - 3 * _DAY))
    return rows


def pending_row(
    machine: Machine, place: int, kind: str, due: str, details: dict[str, object], made: float
) -> dict[str, object]:
    install = kind == "chocoinstall"
    return {
        "id": machine.number * 10 + place,
        "hostname": machine.hostname,
        "client": machine.client,
        "site": machine.site,
        "due": due,
        "description": f"{details['name']} software install" if install else "Device pending reboot",
        "entry_time": iso(made),
        "action_type": kind,
        "status": "completed" if install else "pending",
        "details": details,
        "agent": machine.number,
    }


def leave_notes(notes: Notes, machines: Iterable[Machine], now: float) -> None:
    """What technicians of the demo have written already, about some of the machines."""
    for machine in machines:
        dice = _dice(machine, "notes")
        for text in dice.sample(NOTES, dice.choice((0, 0, 1, 2))):
            notes.add(machine, dice.choice(("technician", "m.alvarez")), text, now - dice.uniform(1, 200) * _DAY)


def _lately(machine: Machine, now: float) -> float:
    return machine.presence.last_seen(now) or now


def _dice(machine: Machine, part: str) -> random.Random:
    return random.Random(f"{machine.agent_id} {part}")  # noqa: S311 - invented content
