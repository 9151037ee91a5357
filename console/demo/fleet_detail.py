"""One invented agent in full, as `GET /agents/<id>/` gives it: the row's inventory and much that no console reads."""

import zoneinfo
from collections.abc import Mapping
from functools import cache

_MADE = "2026-01-05T08:00:00.000000Z"
_SERVICES = (
    ("Spooler", "Print Spooler", "Print queue"),
    ("Dnscache", "DNS Client", "Keeps the names that were looked up"),
    ("EventLog", "Windows Event Log", "Manages events"),
    ("Mesh Agent", "Mesh Agent", "Remote monitoring and management"),
    ("tacticalrmm", "TacticalRMM Agent Service", "Tactical RMM agent"),
)
_ONLY_IN_ROWS = ("pending_actions_count", "logged_username", "italic", "has_patches_pending", "serial_number")


def detail(
    inventory: Mapping[str, object],
    identity: Mapping[str, object],
    *,
    number: int,
    client: str,
    site: str,
    site_number: int,
    node_id: str | None,
) -> dict[str, object]:
    """The body of the detail call. `identity` holds agent_id, hostname, plat, monitoring_type, status, last_seen."""
    windows = identity["plat"] == "windows"
    reported = inventory["operating_system"] is not None
    shared = {name: value for name, value in inventory.items() if name not in _ONLY_IN_ROWS}
    user = inventory["logged_username"]
    known = user not in (None, "", "-")
    return {
        **shared,
        **identity,
        "policy": inventory.get("policy"),
        "alert_template": None,
        "winupdatepolicy": [_patch_policy(number)],
        "effective_patch_policy": _patch_policy(number),
        "timezone": "Europe/Berlin",
        "time_zone": None,
        "all_timezones": _timezones(),
        "client": client,
        "site": site_number,
        "site_name": site,
        "patches_last_installed": None,
        "applied_policies": {name: None for name in ("agent_policy", "site_policy", "client_policy", "default_policy")},
        "created_by": None,
        "created_time": _MADE,
        "modified_by": None,
        "modified_time": _MADE,
        "services": [_service(*names) for names in _SERVICES] if windows else None,
        "total_ram": (16 if windows else 8) if reported else None,
        "disks": _disks(number, windows=windows) if reported else [],
        "logged_in_username": user if known and not inventory["italic"] else "None",
        "last_logged_in_user": user if known else "",
        "mesh_node_id": node_id,
        "offline_time": 4,
        "overdue_time": 30,
        "check_interval": 120,
        "choco_installed": False,
        "wmi_detail": (_windows_detail(inventory) if windows else _other_detail(inventory)) if reported else None,
        "default_shell": "use_global",
        "default_shell_custom": "",
        "effective_default_shell": "cmd" if windows else "bash",
    }


@cache
def _timezones() -> list[str]:
    return sorted(zoneinfo.available_timezones()) or ["UTC"]


def _service(name: str, display_name: str, description: str) -> dict[str, object]:
    return {
        "pid": 1840,
        "name": name,
        "status": "running",
        "binpath": f"C:\\Program Files\\{display_name}\\{name}.exe",
        "username": "LocalSystem",
        "autodelay": False,
        "start_type": "Automatic",
        "description": description,
        "display_name": display_name,
    }


def _patch_policy(number: int) -> dict[str, object]:
    return {
        "id": number,
        "created_by": None,
        "created_time": _MADE,
        "modified_by": None,
        "modified_time": _MADE,
        **{severity: "inherit" for severity in ("critical", "important", "moderate", "low", "other")},
        "run_time_hour": 3,
        "run_time_frequency": "inherit",
        "run_time_days": [],
        "run_time_day": 1,
        "reboot_after_install": "inherit",
        "reprocess_failed_inherit": True,
        "reprocess_failed": False,
        "reprocess_failed_times": 5,
        "email_if_fail": False,
        "agent": number,
        "policy": None,
    }


def _windows_detail(inventory: Mapping[str, object]) -> dict[str, object]:
    return {
        "os": [[{"Caption": "Windows"}]],
        "cpu": [[{"Name": _first(inventory["cpu_model"]), "NumberOfCores": 6, "NumberOfLogicalProcessors": 12}]],
        "mem": [[{"Speed": 3200, "Capacity": 17179869184}]],
        "bios": [[{"SerialNumber": inventory["serial_number"]}]],
        "disk": [[{"Size": 255550554112, "Caption": _first(inventory["physical_disks"]), "InterfaceType": "SCSI"}]],
        "comp_sys": [[{"Model": inventory["make_model"]}]],
        "graphics": [[{"Name": inventory["graphics"], "Caption": inventory["graphics"]}]],
        "base_board": [[{"Product": inventory["make_model"], "Manufacturer": "demo"}]],
        "comp_sys_prod": [[{"Vendor": "demo", "Version": ""}]],
        "network_config": [[{"Caption": "Ethernet", "IPAddress": [inventory["local_ips"]]}]],
    }


def _other_detail(inventory: Mapping[str, object]) -> dict[str, object]:
    return {
        "cpus": inventory["cpu_model"],
        "gpus": [],
        "disks": inventory["physical_disks"],
        "local_ips": str(inventory["local_ips"]).split(", "),
        "make_model": inventory["make_model"],
        "serialnumber": inventory["serial_number"],
    }


def _first(values: object) -> object:
    return values[0] if isinstance(values, list) and values else ""


def _disks(number: int, *, windows: bool) -> list[dict[str, object]]:
    """The disks of a machine: some are nearly full, and every third machine has two."""
    full = (23, 47, 61, 83, 20, 96, 35, 71)[number % 8]
    disks = [_disk("C:", "NTFS", 237.5, full) if windows else _disk("/dev/vda1", "ext4", 78.2, full)]
    if number % 3 == 0:
        second = (12, 88, 54)[number // 3 % 3]
        disks.append(_disk("D:", "NTFS", 1863.0, second) if windows else _disk("/dev/vdb1", "xfs", 447.1, second))
    return disks


def _disk(device: str, kind: str, total: float, percent: int) -> dict[str, object]:
    used = round(total * percent / 100, 1)
    return {
        "free": f"{total - used:.1f} GB",
        "used": f"{used:.1f} GB",
        "total": f"{total:.1f} GB",
        "device": device,
        "fstype": kind,
        "percent": percent,
    }
