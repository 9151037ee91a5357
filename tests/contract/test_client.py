"""Every captured answer to a call that the console makes goes through the console's own client, over real HTTP."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from console.demo.api_server import serve
from console.problem import Problem
from console.rmm.actions import BadMoment, Recovery, WakeFailed
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey, SessionToken
from console.rmm.details import Details
from console.rmm.details_models import (
    Adapter,
    Check,
    Detail,
    Disk,
    Note,
    Outcome,
    Patch,
    PendingAction,
    Program,
    Run,
    Task,
)
from console.rmm.errors import (
    AgentRefused,
    AgentSilent,
    NotAllowed,
    NotFound,
    NotOnThisSystem,
    ServerFailed,
    SignInAgain,
    Throttled,
    Unexpected,
)
from console.rmm.models import AgentNow, AgentStatus, DashInfo, MeshLinks, Platform
from console.rmm.refusals import AlreadySetUp, WrongAddress, WrongCode, WrongCredentials
from console.rmm.sign_in import CodeWanted, SignedIn, SignIn, TotpKey, TotpSetUp
from console.secret import Secret
from console.transport import Transport
from tests.contract import exchanges
from tests.contract.exchanges import Exchange, Replay

KEY = ApiKey(Secret("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"))
TOKEN = SessionToken(Secret("6c05" * 16))
PASSWORD = Secret("Tech-pass-1")
SETUP = TotpSetUp(TOKEN)
UNKNOWN = "z" * 40
STAMP = datetime(2026, 11, 23, 2, 26, 42, 305885, UTC)


@dataclass(frozen=True)
class Parties:
    """The client of one server, with an API key and with a session token, and its sign-in."""

    key: RmmClient
    token: RmmClient
    sign_in: SignIn
    exchange: Exchange

    @property
    def agent_id(self) -> str:
        """The agent that the captured request was about."""
        found = re.search(r"/(?:agents|checks|software|winupdate)/(\w{21,})/", self.exchange.path)
        return found[1] if found else UNKNOWN


Call = Callable[[Parties], object]


def agents(parties: Parties) -> object:
    return (parties.token if "Token" in (parties.exchange.auth or "Token") else parties.key).agents()


def clients(parties: Parties) -> object:
    return parties.key.clients()


def status(parties: Parties) -> object:
    return parties.key.agent_status(parties.agent_id)


def answers(parties: Parties) -> object:
    return parties.key.answers(parties.agent_id)


def reboot(parties: Parties) -> object:
    parties.key.reboot(parties.agent_id)
    return None


def restart_mesh_agent(parties: Parties) -> object:
    return parties.key.restart_mesh_agent(parties.agent_id)


def recover_mesh(parties: Parties) -> object:
    return parties.key.recover_mesh(parties.agent_id)


def ping(parties: Parties) -> object:
    return parties.key.actions.ping(parties.agent_id)


def wake(parties: Parties) -> object:
    return parties.key.actions.wake(parties.agent_id)


def reboot_at(parties: Parties) -> object:
    moment = str(parties.exchange.sent["datetime"])[:16]
    return parties.key.actions.reboot_at(parties.agent_id, datetime.fromisoformat(moment))


def shut_down(parties: Parties) -> object:
    parties.key.actions.shut_down(parties.agent_id)
    return None


def maintenance_on(parties: Parties) -> object:
    parties.key.actions.set_maintenance(parties.agent_id, True)
    return None


def run_checks(parties: Parties) -> object:
    return parties.key.actions.run_checks(parties.agent_id)


def recover(parties: Parties) -> object:
    return parties.key.actions.recover(parties.agent_id, Recovery.MESH)


def mesh_links(parties: Parties) -> object:
    return (parties.token if "Token" in (parties.exchange.auth or "") else parties.key).mesh_links(parties.agent_id)


def dash_info(parties: Parties) -> object:
    return (parties.token if "Token" in (parties.exchange.auth or "") else parties.key).dash_info()


def reach(parties: Parties) -> object:
    parties.sign_in.reach()
    return None


def sso(parties: Parties) -> object:
    return parties.sign_in.sso_providers()


def check(parties: Parties) -> object:
    sent = parties.exchange.sent if isinstance(parties.exchange.sent, dict) else {}
    return parties.sign_in.check_credentials(sent.get("username", "tech"), Secret(sent.get("password", "x")))


def sign_in(parties: Parties) -> object:
    sent = parties.exchange.sent
    return parties.sign_in.sign_in(sent["username"], Secret(sent["password"]), sent.get("twofactor", "123456"))


def set_up(parties: Parties) -> object:
    return parties.sign_in.set_up_totp(SETUP)


def sign_out(parties: Parties) -> object:
    (parties.token if "Token" in (parties.exchange.auth or "") else parties.key).sign_out()
    return None


def add_note(parties: Parties) -> object:
    sent = parties.exchange.sent
    parties.key.add_note(sent["agent_id"], sent["note"])
    return None


# name, call, and the problem with a part of what a person reads
REFUSALS: list[tuple[str, Call, type[Problem], str]] = [
    ("agent_after_delete", status, NotFound, "deleted"),
    ("agent_detail_other_client", status, NotAllowed, "role"),
    ("agent_detail_short_id", status, Unexpected, "Check the server address"),
    ("agent_detail_unknown", status, NotFound, "deleted"),
    ("agent_detail_unknown_superuser", status, NotFound, "deleted"),
    ("agent_put_bad_value", maintenance_on, Problem, "is not a valid choice"),
    ("agent_put_forbidden", maintenance_on, NotAllowed, "can_edit_agent"),
    ("agents_list_bad_client", agents, ServerFailed, "error of its own"),
    ("agents_list_bad_monitoring_type", agents, Problem, "monitoring type does not exist"),
    ("agents_list_no_role", agents, NotAllowed, "can_list_agents"),
    ("auth_apikey_expired", agents, SignInAgain, "API key for 127.0.0.1"),
    ("auth_apikey_inactive_user", agents, SignInAgain, "is inactive or was deleted"),
    ("auth_apikey_invalid", agents, SignInAgain, "does not know this API key"),
    ("auth_apikey_logout_refused", sign_out, SignInAgain, "API key"),
    ("auth_checkcreds_bad_password", check, WrongCredentials, "API key"),
    ("auth_checkcreds_blocked_user", check, WrongCredentials, "blocked"),
    ("auth_checkcreds_empty_body", check, ServerFailed, "error of its own"),
    ("auth_checkcreds_get", check, Unexpected, "Check the server address"),
    ("auth_checkcreds_inactive_user", check, WrongCredentials, "inactive"),
    ("auth_checkcreds_unknown_user", check, WrongCredentials, "did not take this user name"),
    ("auth_login_bad_password", sign_in, WrongCredentials, "did not take this user name"),
    ("auth_login_bad_totp", sign_in, WrongCode, "authenticator app"),
    ("auth_login_blocked_user", sign_in, WrongCode, "authenticator app"),
    ("auth_login_inactive_user", sign_in, WrongCredentials, "inactive"),
    ("auth_login_missing_totp", sign_in, ServerFailed, "error of its own"),
    ("auth_login_user_without_totp", sign_in, ServerFailed, "error of its own"),
    ("auth_none", agents, SignInAgain, "Your sign-in at"),
    ("auth_setup_totp_already_set", set_up, AlreadySetUp, "administrator"),
    ("auth_setup_totp_second_time", set_up, AlreadySetUp, "administrator"),
    ("auth_throttled_checkcreds", check, Throttled, "59 seconds"),
    ("auth_throttled_login", sign_in, Throttled, "59 seconds"),
    ("auth_token_after_logout", agents, SignInAgain, "Your sign-in at"),
    ("auth_token_bearer_scheme", agents, SignInAgain, "Your sign-in at"),
    ("auth_token_expired", agents, SignInAgain, "Your sign-in at"),
    ("auth_token_invalid", agents, SignInAgain, "Your sign-in at"),
    ("auth_token_no_value", agents, SignInAgain, "Your sign-in at"),
    ("bad_host_header", reach, WrongAddress, "does not go by this name"),
    ("clients_list_forbidden", clients, NotAllowed, "can_list_clients"),
    ("malformed_json", check, Problem, "JSON parse error"),
    ("mesh_urls_forbidden_no_perm", mesh_links, NotAllowed, "can_use_mesh"),
    ("mesh_urls_forbidden_other_client", mesh_links, NotAllowed, "clients and sites"),
    ("mesh_urls_unknown_agent", mesh_links, NotFound, "deleted"),
    ("method_not_allowed", agents, ServerFailed, "error of its own"),
    ("natsdown_reboot", reboot, AgentSilent, "could not reach the agent"),
    ("no_trailing_slash_get", agents, Unexpected, "sends the request on"),
    ("no_trailing_slash_post", check, Unexpected, "sends the request on"),
    ("not_found_path", agents, Unexpected, "Check the server address"),
    ("reboot_forbidden", reboot, NotAllowed, "can_reboot_agents"),
    ("reboot_later_bad_date", reboot_at, BadMoment, "the machine's own clock"),
    ("reboot_later_linux", reboot_at, NotOnThisSystem, "on Windows only"),
    ("reboot_later_offline", reboot_at, AgentSilent, "could not reach the agent"),
    ("reboot_later_past", reboot_at, BadMoment, "the machine's own clock"),
    ("reboot_offline", reboot, AgentSilent, "could not reach the agent"),
    ("service_action_error", restart_mesh_agent, AgentRefused, "does not exist as an installed service"),
    ("service_action_linux", restart_mesh_agent, NotOnThisSystem, "Recover Mesh connection"),
    ("wol_mesh_unreachable", wake, WakeFailed, "MeshCentral may be down"),
    ("wol_no_node_id", wake, WakeFailed, "does not know this machine's Mesh agent"),
]
# Requests that the console never makes in this form; their answers may still come to it.
OTHER_REQUESTS = {
    "agent_put_bad_value",
    "agent_put_forbidden",
    "agent_detail_short_id",
    "agents_list_acme_role",
    "agents_list_bad_client",
    "agents_list_bad_monitoring_type",
    "agents_list_by_client",
    "agents_list_by_monitoring_type",
    "agents_list_detail_false",
    "agents_list_site_role",
    "agents_list_unknown_client",
    "auth_checkcreds_empty_body",
    "auth_checkcreds_get",
    "auth_login_missing_totp",
    "malformed_json",
    "method_not_allowed",
    "no_trailing_slash_get",
    "no_trailing_slash_post",
    "not_found_path",
    "reboot_later_bad_date",
    "service_action_error",
    "service_action_linux",
    "service_restart_ok",
}
# In the short form a row has the client and the site under other names, so they stay unknown here.
SHORT_ROWS = {
    "agents_list_acme_role": {"ACME-DC01", "ACME-PC-014", "acme-web-01"},
    "agents_list_by_client": {"GLX-LT-07", "GLX-NEW-01", "glx-mbp-03.local"},
    "agents_list_by_monitoring_type": {"ACME-DC01", "INI-OLD-2012", "acme-web-01", "initech-pi"},
    "agents_list_detail_false": {
        "ACME-DC01",
        "ACME-PC-014",
        "GLX-LT-07",
        "GLX-NEW-01",
        "INI-LAB-KIOSK",
        "INI-OLD-2012",
        "acme-web-01",
        "glx-mbp-03.local",
        "initech-pi",
    },
    "agents_list_site_role": {"GLX-NEW-01", "INI-LAB-KIOSK", "glx-mbp-03.local", "initech-pi"},
    "agents_list_unknown_client": set(),
}
CLIENTS = {
    "clients_list": {"Acme Corp", "Globex", "Initech & Söhne"},
    "clients_list_acme_role": {"Acme Corp"},
    "clients_list_site_role": {"Globex", "Initech & Söhne"},
}
MESH_LINKS = {
    "mesh_urls_admin_key": AgentStatus.ONLINE,
    "mesh_urls_mesh_site_not_set": AgentStatus.ONLINE,
    "mesh_urls_mesh_token_not_set": AgentStatus.ONLINE,
    "mesh_urls_node_id_empty": AgentStatus.ONLINE,
    "mesh_urls_node_id_null": AgentStatus.OFFLINE,
    "mesh_urls_offline_agent": AgentStatus.OFFLINE,
    "mesh_urls_sync_off": AgentStatus.ONLINE,
    "mesh_urls_tech_token": AgentStatus.ONLINE,
}
PINGS = {"natsdown_ping": False, "ping_offline": False, "ping_online": True}
DASH_INFOS = ("auth_token_ok_dashinfo", "core_dashinfo")
DETAILS: dict[str, Callable[[Details, str], object]] = {
    "checks_list": Details.checks,
    "checks_list_never_ran": Details.checks,
    "core_customfields_agent": lambda details, _: details.custom_fields(),
    "history_list": Details.history,
    "notes_delete": lambda details, _: details.delete_note(3),
    "notes_list": Details.notes,
    "pendingactions_agent": Details.pending_actions,
    "software_list": Details.software,
    "software_list_empty": Details.software,
    "tasks_list": Details.tasks,
    "winupdate_list": Details.patches,
}
SINGLE = (
    "agent_detail_linux",
    "agent_detail_windows",
    "agent_put_maintenance",
    "agents_list",
    "auth_checkcreds_totp_required",
    "auth_first_login_totp_not_set",
    "auth_login_after_setup",
    "auth_login_ok",
    "auth_logout_ok",
    "auth_setup_totp_first_time",
    "checks_run",
    "notes_add",
    "mesh_recover_ok",
    "reboot_later_ok",
    "reboot_ok",
    "recover_mesh_ok",
    "root_unauthenticated",
    "service_restart_ok",
    "shutdown_ok",
    "sso_config",
)
EXERCISED = (
    {name for name, *_ in REFUSALS}
    | SHORT_ROWS.keys()
    | MESH_LINKS.keys()
    | CLIENTS.keys()
    | PINGS.keys()
    | set(DASH_INFOS)
    | set(SINGLE)
    | DETAILS.keys()
)


def replayed(name: str, call: Call) -> tuple[object, Replay]:
    """What the client makes of the captured answer, or the Problem that it raises. The request must be the captured."""
    replay = Replay(exchanges.load(name))
    with serve(replay) as running:
        transport = Transport()
        parties = Parties(
            RmmClient(running.address, transport, KEY),
            RmmClient(running.address, transport, TOKEN),
            SignIn(running.address, transport),
            replay.exchange,
        )
        try:
            result = call(parties)
        except Problem as problem:
            result = problem
    if name not in OTHER_REQUESTS:
        path = replay.exchange.path.partition("?")[0]
        assert replay.requests[0] == (replay.exchange.method, path, replay.exchange.sent)
    return result, replay


@pytest.mark.parametrize(("name", "call", "problem", "words"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_refusal_becomes_its_problem(name: str, call: Call, problem: type[Problem], words: str) -> None:
    result, replay = replayed(name, call)
    assert isinstance(result, problem), result
    assert words in result.report()
    assert result.advice
    sent = [KEY.secret.reveal(), TOKEN.secret.reveal()]
    sent += [replay.exchange.sent["password"]] if "password" in (replay.exchange.sent or ()) else []
    assert not any(len(secret) > 1 and secret in result.report() for secret in sent)


def test_throttled_carries_the_seconds() -> None:
    for name, call in (("auth_throttled_checkcreds", check), ("auth_throttled_login", sign_in)):
        result, _ = replayed(name, call)
        assert isinstance(result, Throttled)
        assert result.seconds == 59


@pytest.mark.parametrize("name", SHORT_ROWS)
def test_short_rows_are_read_as_far_as_they_go(name: str) -> None:
    result, _ = replayed(name, lambda parties: parties.key.agents())
    listed = result.agents, result.bad  # type: ignore[attr-defined]
    assert {agent.hostname for agent in listed[0]} == SHORT_ROWS[name]
    assert all(agent.client_name == "" and agent.status is AgentStatus.UNKNOWN for agent in listed[0])
    assert listed[1] == ()


def test_the_list_of_agents() -> None:
    result = replayed("agents_list", lambda parties: parties.key.agents())[0]
    rows = {agent.hostname: agent for agent in result.agents}  # type: ignore[attr-defined]
    captured = {row["hostname"]: row for row in exchanges.load("agents_list").body}
    assert result.bad == ()  # type: ignore[attr-defined]
    assert rows.keys() == captured.keys()
    for name, row in captured.items():
        agent = rows[name]
        assert agent.agent_id == row["agent_id"]
        assert (agent.client_name, agent.site_name) == (row["client_name"], row["site_name"])
        assert agent.monitoring_type == row["monitoring_type"]
        assert agent.status is AgentStatus(row["status"])
        assert agent.plat is Platform(row["plat"])
        assert agent.goarch == (row["goarch"] or "")
        assert agent.description == (row["description"] or "")
        assert agent.boot_time == row["boot_time"]
        assert agent.version == row["version"]
        assert agent.public_ip == (row["public_ip"] or "")
        assert agent.operating_system == (row["operating_system"] or "")
        assert agent.serial_number == row["serial_number"]
        assert (agent.needs_reboot, agent.italic) == (row["needs_reboot"], row["italic"])
        assert (agent.maintenance_mode, agent.has_patches_pending) == (
            row["maintenance_mode"],
            row["has_patches_pending"],
        )
        assert agent.pending_actions_count == row["pending_actions_count"]
        assert {
            field: getattr(agent.checks, field) for field in ("total", "passing", "failing", "warning", "info")
        } == {field: count for field, count in row["checks"].items() if field != "has_failing_checks"}
        assert [field.field for field in agent.custom_fields] == [field["field"] for field in row["custom_fields"]]
    assert rows["ACME-PC-014"].last_seen == datetime(2026, 11, 23, 2, 26, 11, 494809, UTC)
    assert rows["ACME-PC-014"].cpu_model == ("11th Gen Intel(R) Core(TM) i5-11500, 6C/12T",)
    assert rows["INI-LAB-KIOSK"].custom_fields[2].value == ("Kiosk", "Spare")
    new = rows["GLX-NEW-01"]
    assert new.last_seen is None
    assert new.boot_time is None
    assert (new.logged_username, new.description, new.graphics, new.local_ips, new.make_model) == ("", "", "", "", "")
    assert new.cpu_model == new.physical_disks == ()


@pytest.mark.parametrize("name", ["agent_detail_linux", "agent_detail_windows"])
def test_the_status_of_one_agent(name: str) -> None:
    assert replayed(name, status)[0] is AgentStatus.ONLINE


@pytest.mark.parametrize("name", MESH_LINKS)
def test_session_links_come_through_unchanged_and_secret(name: str) -> None:
    result, replay = replayed(name, mesh_links)
    body = replay.exchange.body
    assert result == MeshLinks(
        Secret(body["control"]),
        Secret(body["terminal"]),
        Secret(body["file"]),
        body["hostname"],
        MESH_LINKS[name],
        body["client"],
        body["site"],
    )
    assert "gotonode" not in repr(result)
    assert len(replay.requests) == 1


def test_a_note_is_added_once() -> None:
    result, replay = replayed("notes_add", add_note)
    assert result is None
    assert len(replay.requests) == 1


@pytest.mark.parametrize("name", PINGS)
def test_whether_an_agent_answers(name: str) -> None:
    assert replayed(name, answers)[0] is PINGS[name]
    assert replayed(name, ping)[0] is PINGS[name]


@pytest.mark.parametrize(
    ("name", "call", "expected"),
    [
        ("reboot_ok", reboot, None),
        ("shutdown_ok", shut_down, None),
        ("agent_put_maintenance", maintenance_on, None),
        ("checks_run", run_checks, "Checks will now be run on ACME-PC-014"),
        ("recover_mesh_ok", recover, "Successfully completed recovery"),
        ("reboot_later_ok", reboot_at, "May 06, 2031 at 07:08 AM"),
    ],
)
def test_an_action_is_asked_for_once(name: str, call: Call, expected: object) -> None:
    result, replay = replayed(name, call)
    assert result == expected
    assert len(replay.requests) == 1


@pytest.mark.parametrize(
    ("name", "call", "path"),
    [
        ("mesh_recover_ok", recover_mesh, None),
        ("service_restart_ok", restart_mesh_agent, f"/services/{UNKNOWN}/mesh agent/"),
    ],
)
def test_a_repair_says_what_the_server_says(name: str, call: Call, path: str | None) -> None:
    result, replay = replayed(name, call)
    assert result == replay.exchange.body
    (request,) = replay.requests
    assert request == ("POST", path or replay.exchange.path, replay.exchange.sent)


@pytest.mark.parametrize("name", ["agent_detail_linux", "agent_detail_windows"])
def test_when_a_machine_started(name: str) -> None:
    result, replay = replayed(name, lambda parties: parties.key.agent_now(parties.agent_id))
    assert result == AgentNow(AgentStatus.ONLINE, replay.exchange.body["boot_time"])


def detail_of(name: str) -> object:
    """What the client makes of a captured answer about one agent, asked for once."""
    result, replay = replayed(name, lambda parties: DETAILS[name](parties.key.details, parties.agent_id))
    assert len(replay.requests) == 1
    return result


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "checks_list",
            (
                Check(
                    3,
                    "diskspace",
                    "Disk Space Check: Drive C: -  Warning Threshold: 30% Error Threshold: 25%",
                    Outcome.FAILING,
                    STAMP,
                    4,
                    "Total: 237.5 GB, Free: 9.1 GB",
                ),
                Check(4, "winsvc", "Service Check: Print Spooler", Outcome.WARNING, STAMP, 0, "Status STOPPED"),
            ),
        ),
        (
            "checks_list_never_ran",
            (
                Check(
                    5, "cpuload", "CPU Load Check -  Warning Threshold: 80% Error Threshold: 95%", Outcome.INFO, STAMP
                ),
                Check(6, "memory", "Memory Check -  Warning Threshold: 85% Error Threshold: 95%", Outcome.NOT_RUN),
            ),
        ),
        ("core_customfields_agent", {1: "Asset tag", 3: "Labels", 2: "Leased", 4: "Warranty end"}),
        ("notes_delete", None),
        (
            "notes_list",
            (
                Note(
                    1,
                    "Printer on USB port 3.\nUser is out on Fridays.",
                    "tech",
                    datetime(2026, 11, 23, 2, 26, 43, 991265, UTC),
                ),
            ),
        ),
        (
            "pendingactions_agent",
            (
                PendingAction(1, "schedreboot", "Device pending reboot", "2031-01-02 03:04:00", False),
                PendingAction(4, "schedreboot", "Device pending reboot", "2031-05-06 07:08:00", False),
                PendingAction(3, "chocoinstall", "7zip software install", "ASAP", True, "done"),
            ),
        ),
        (
            "software_list",
            (
                Program(
                    "7-Zip 24.06 (x64)",
                    "24.06",
                    "Igor Pavlov",
                    date(2024, 6, 20),
                    "5.6 MB",
                    "C:\\Program Files\\7-Zip\\",
                ),
                Program(
                    "Mozilla Firefox (x64 en-US)",
                    "127.0",
                    "Mozilla",
                    location="C:\\Program Files\\Mozilla Firefox",
                ),
            ),
        ),
        ("software_list_empty", ()),
        (
            "tasks_list",
            (Task(1, "Collect uptime daily", "Daily at 02:26AM", True, Outcome.PASSING, STAMP, "uptime"),),
        ),
        (
            "winupdate_list",
            (
                Patch(
                    1,
                    "KB5040442",
                    "Cumulative Update (KB5040442)",
                    False,
                    False,
                    "Critical",
                    "approve",
                    categories=("Security Updates",),
                ),
                Patch(
                    2,
                    "KB890830",
                    "Malicious Software Removal Tool",
                    True,
                    True,
                    action="nothing",
                    result="success",
                    installed_at="2026-11-03 03:26",
                ),
            ),
        ),
    ],
)
def test_a_part_of_what_is_known_of_an_agent(name: str, expected: object) -> None:
    assert detail_of(name) == expected


def test_the_history_of_an_agent() -> None:
    runs = detail_of("history_list")
    assert isinstance(runs, tuple)
    assert [run.number for run in runs] == sorted((run.number for run in runs), reverse=True)
    oldest, script, third = runs[::-1][:3]
    assert third == Run(
        3,
        "cmd_run",
        "ipconfig",
        "tech",
        datetime(2026, 11, 23, 2, 26, 55, 351191, UTC),
        "ACME-PC-014> ipconfig\nline one\nline two ünï",
    )
    assert (script.kind, script.title, script.output) == ("script_run", "Collect uptime", "uptime")
    assert (script.code, script.seconds) == (0, 0.51)
    assert (oldest.title, oldest.output) == ("ipconfig /all", "Windows IP Configuration")


@pytest.mark.parametrize(
    ("name", "disk", "ram", "adapters", "user"),
    [
        (
            "agent_detail_windows",
            Disk("C:", "NTFS", "237.5 GB", "54.4 GB", "183.1 GB", 23),
            16,
            (Adapter("Ethernet", ("10.10.1.114",)),),
            "jdoe",
        ),
        (
            "agent_detail_linux",
            Disk("/dev/vda1", "ext4", "78.2 GB", "15.1 GB", "60.2 GB", 20),
            8,
            (Adapter("", ("10.20.0.5/24", "2001:db8::5/64")),),
            "",
        ),
    ],
)
def test_an_agent_in_full(name: str, disk: Disk, ram: int, adapters: tuple[Adapter, ...], user: str) -> None:
    detail, replay = replayed(name, lambda parties: parties.key.details.agent(parties.agent_id))
    assert isinstance(detail, Detail)
    assert (detail.disks, detail.ram, detail.adapters) == ((disk,), ram, adapters)
    assert (detail.time_zone, detail.offline_minutes, detail.overdue_minutes) == ("Europe/Berlin", 4, 30)
    assert (detail.check_seconds, detail.user) == (120, user)
    assert detail.fresh.node_id == replay.exchange.body["mesh_node_id"]
    assert detail.fresh.told["hostname"] == replay.exchange.body["hostname"]


@pytest.mark.parametrize("name", DASH_INFOS)
def test_dash_info(name: str) -> None:
    assert replayed(name, dash_info)[0] == DashInfo("1.5.1", False, False)


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_with_their_sites(name: str) -> None:
    result, replay = replayed(name, clients)
    assert isinstance(result, tuple)
    assert {client.name for client in result} == CLIENTS[name]
    assert [(client.client_id, client.sites) for client in result] == [
        (body["id"], tuple(site["name"] for site in body["sites"])) for body in replay.exchange.body
    ]


def test_step_1_asks_for_the_code() -> None:
    assert replayed("auth_checkcreds_totp_required", check)[0] == CodeWanted()


def test_step_1_of_a_user_without_one_time_codes() -> None:
    result, replay = replayed("auth_first_login_totp_not_set", check)
    assert result == TotpSetUp(SessionToken(Secret(replay.exchange.body["token"])))


@pytest.mark.parametrize("name", ["auth_login_ok", "auth_login_after_setup"])
def test_step_2_gives_the_session_token(name: str) -> None:
    result, replay = replayed(name, sign_in)
    body = replay.exchange.body
    expiry = datetime.fromisoformat(body["expiry"])
    assert result == SignedIn(SessionToken(Secret(body["token"])), expiry, body["username"])
    assert body["token"] not in repr(result)


def test_the_cookies_of_a_sign_in_are_not_kept() -> None:
    def twice(parties: Parties) -> object:
        sign_in(parties)
        return sign_in(parties)

    _, replay = replayed("auth_login_ok", twice)
    assert len(replay.headers) == 2
    assert not any("Cookie" in headers for headers in replay.headers)


def test_signing_out() -> None:
    result, replay = replayed("auth_logout_ok", sign_out)
    assert result is None
    assert replay.headers[0]["Authorization"] == f"Token {TOKEN.secret.reveal()}"


def test_the_first_set_up_shows_the_key_and_ends_the_short_token() -> None:
    result, replay = replayed("auth_setup_totp_first_time", set_up)
    body = replay.exchange.body
    assert result == TotpKey(body["username"], Secret(body["totp_key"]), Secret(body["qr_url"]))
    assert [request[:2] for request in replay.requests[1:]] == [("POST", "/logout/")]


def test_the_root_says_that_this_is_an_rmm_server() -> None:
    assert replayed("root_unauthenticated", reach)[0] is None


def test_single_sign_on_is_off() -> None:
    assert replayed("sso_config", sso)[0] == ()


def test_an_agent_id_that_is_too_short_is_not_sent() -> None:
    result, replay = replayed("agent_detail_unknown", status)
    assert replay.requests
    assert isinstance(result, NotFound)
    with serve(replay) as running:
        replay.requests.clear()
        with pytest.raises(Problem, match="not the id of an agent"):
            RmmClient(running.address, Transport(), KEY).agent_status("short")
    assert replay.requests == []


def test_every_captured_exchange_is_exercised_or_in_the_table() -> None:
    table = [line for line in (Path(__file__).parent / "README.md").read_text().splitlines() if line.startswith("| `")]
    listed = [name for line in table for name in re.findall(r"`([a-z0-9_]+)`", line.split("|")[1])]
    assert len(listed) == len(set(listed))
    assert EXERCISED & set(listed) == set()
    assert sorted(EXERCISED | set(listed)) == exchanges.names()
    assert all(line.split("|")[3].strip() for line in table)
