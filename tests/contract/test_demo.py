"""The demo's API against the real server: the same question gets the same status, headers, keys and types."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import requests

from console.demo import fleet
from console.demo.accounts import Accounts, Key, User
from console.demo.api import DemoApi, Links, MeshLogin, RunningApi, serve
from console.demo.fleet import Fleet, Machine, Presence
from tests.contract import exchanges, shapes
from tests.contract.test_client import EXERCISED

SAME_HEADERS = ("content-type", "allow", "www-authenticate", "location")
# Texts that name a moment or the parser's own words.
OTHER_WORDS = {"auth_throttled_checkcreds", "auth_throttled_login", "malformed_json", "wol_mesh_unreachable"}
OTHERS = {"agent_put_description", "core_version"}


@dataclass
class Demo:
    """A running demo API, and how to ask it."""

    api: DemoApi
    accounts: Accounts
    fleet: Fleet
    running: RunningApi

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: object = None
    ) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            raw = body.encode() if isinstance(body, str) else None
            return session.request(
                method,
                self.running.address + path,
                headers={**({"Content-Type": "application/json"} if raw else {}), **(headers or {})},
                data=raw,
                json=None if raw else body,
                allow_redirects=False,
                timeout=10,
            )

    def with_key(
        self, path: str, key: Key | None = None, method: str = "GET", body: object = None
    ) -> requests.Response:
        return self.ask(method, path, {"X-API-KEY": (key or self.accounts.key).secret.reveal()}, body)

    def with_token(
        self, path: str, user: User | None = None, method: str = "GET", body: object = None
    ) -> requests.Response:
        token, _ = self.accounts.new_token(user or self.accounts.technician)
        return self.ask(method, path, {"Authorization": f"Token {token}"}, body)

    def check(self, user: User, password: str | None = None) -> requests.Response:
        fields = {"username": user.name, "password": password or user.password.reveal()}
        return self.ask("POST", "/v2/checkcreds/", body=fields)

    def sign_in(self, user: User, password: str | None = None, code: str | None = None) -> requests.Response:
        code = code or (self.accounts.code(user) if user.totp_key else "123456")
        fields = {"username": user.name, "password": password or user.password.reveal(), "twofactor": code}
        return self.ask("POST", "/v2/login/", body=fields)

    def machine(self, fits: Callable[[Machine], bool]) -> Machine:
        return next(machine for machine in self.fleet.machines if fits(machine))

    @property
    def usual(self) -> Machine:
        """A Windows machine with all that an inventory has."""
        return self.machine(
            lambda machine: (
                machine.plat == "windows"
                and bool(machine.node_id)
                and bool(machine.inventory["custom_fields"])
                and machine.inventory["description"] is not None
                and self.accounts.limited.role.covers(machine.client)
            )
        )

    @property
    def elsewhere(self) -> Machine:
        """A machine of a client that the limited user does not see."""
        return self.machine(lambda machine: not self.accounts.limited.role.covers(machine.client))

    def links(self, machine: Machine | None = None, key: Key | None = None) -> requests.Response:
        return self.with_key(f"/agents/{(machine or self.usual).agent_id}/meshcentral/", key)


@pytest.fixture
def demo() -> Iterator[Demo]:
    made = fleet.make(120)
    accounts = Accounts(limited_to=made.machines[0].client)
    api = DemoApi(made, accounts, lambda machine: MeshLogin("https://127.0.0.1:4430", "a@b$c=="))
    with serve(api) as running:
        yield Demo(api, accounts, made, running)


Ask = Callable[[Demo], requests.Response]
UNKNOWN = "z" * 40
WRONG = "000000x"


def throttled(demo: Demo, attempt: Callable[[], requests.Response]) -> requests.Response:
    for _ in range(10):
        assert attempt().status_code != 429
    return attempt()


def blocked_code(demo: Demo) -> requests.Response:
    return demo.sign_in(demo.accounts.blocked)


def after_sign_out(demo: Demo) -> requests.Response:
    token = {"Authorization": f"Token {demo.accounts.new_token(demo.accounts.technician)[0]}"}
    assert demo.ask("POST", "/logout/", token).status_code == 204
    return demo.ask("GET", "/agents/", token)


def expired(demo: Demo) -> requests.Response:
    token, _ = demo.accounts.new_token(demo.accounts.technician, seconds=-1)
    return demo.ask("GET", "/agents/", {"Authorization": f"Token {token}"})


def second_set_up(demo: Demo) -> requests.Response:
    assert demo.with_token("/accounts/users/setup_totp/", demo.accounts.newcomer, "POST", {}).json()
    return demo.with_token("/accounts/users/setup_totp/", demo.accounts.newcomer, "POST", {})


def after_set_up(demo: Demo) -> requests.Response:
    assert demo.with_token("/accounts/users/setup_totp/", demo.accounts.newcomer, "POST", {}).json()
    return demo.sign_in(demo.accounts.newcomer)


def no_mesh_site(demo: Demo) -> requests.Response:
    demo.api.mesh = lambda machine: None
    return demo.links()


def no_mesh_key(demo: Demo) -> requests.Response:
    demo.api.links = Links.LOGIN_ERR
    return demo.links()


def offline_links(demo: Demo) -> requests.Response:
    demo.api.status_override[demo.usual.agent_id] = "offline"
    return demo.links()


def ping(demo: Demo, status: str) -> requests.Response:
    demo.api.status_override[demo.usual.agent_id] = status
    return demo.with_key(f"/agents/{demo.usual.agent_id}/ping/")


def add_note(demo: Demo, machine: Machine | None = None, key: Key | None = None) -> requests.Response:
    body = {"agent_id": (machine or demo.usual).agent_id, "note": "added by a test"}
    return demo.with_key("/agents/notes/", key, "POST", body)


def notes_list(demo: Demo) -> requests.Response:
    assert add_note(demo).status_code == 200
    assert add_note(demo, demo.elsewhere).status_code == 200
    listed = demo.with_key(f"/agents/{demo.usual.agent_id}/notes/")
    assert [note["note"] for note in listed.json()] == ["added by a test"]
    return listed


def delete_note(demo: Demo) -> requests.Response:
    assert add_note(demo).status_code == 200
    return demo.with_key("/agents/notes/1/", method="DELETE")


def part(demo: Demo, path: str, fits: Callable[[Machine], bool] = lambda machine: True) -> requests.Response:
    """A part of what is known of one agent, of the first whose answer has something in it."""
    for machine in demo.fleet.machines:
        if fits(machine):
            answer = demo.with_key(path.format(machine.agent_id))
            if answer.json():
                return answer
    raise AssertionError("no agent has any")


def few_checks(machine: Machine) -> bool:
    """A Windows server with few checks, of the kinds that were captured."""
    checks = machine.inventory["checks"]
    assert isinstance(checks, dict)
    return machine.plat == "windows" and machine.monitoring_type == "server" and checks["total"] in (2, 3, 4)


def never_ran(demo: Demo) -> requests.Response:
    machine = demo.machine(lambda machine: machine.plat == "darwin")
    machine.presence = Presence(never=True)
    return demo.with_key(f"/agents/{machine.agent_id}/checks/")


def reboot(demo: Demo, key: Key | None = None, status: str = "online") -> requests.Response:
    demo.api.status_override[demo.usual.agent_id] = status
    return demo.with_key(f"/agents/{demo.usual.agent_id}/reboot/", key, "POST")


def service(demo: Demo, name: str = "Mesh Agent", action: str = "restart", plat: str = "windows") -> requests.Response:
    machine = demo.usual if plat == "windows" else demo.machine(lambda machine: machine.plat == plat)
    demo.api.status_override[machine.agent_id] = "online"
    return demo.with_key(f"/services/{machine.agent_id}/{name}/", method="POST", body={"sv_action": action})


def recover(demo: Demo, key: Key | None = None, status: str = "online") -> requests.Response:
    demo.api.status_override[demo.usual.agent_id] = status
    return demo.with_key(f"/agents/{demo.usual.agent_id}/meshcentral/recover/", key, "POST")


def change(demo: Demo, fields: dict[str, object], key: Key | None = None) -> requests.Response:
    return demo.with_key(f"/agents/{demo.usual.agent_id}/", key, "PUT", fields)


def reboot_later(
    demo: Demo, moment: str = "2031-05-06T07:08", plat: str = "windows", status: str = "online"
) -> requests.Response:
    machine = demo.usual if plat == "windows" else demo.machine(lambda machine: machine.plat == plat)
    demo.api.status_override[machine.agent_id] = status
    return demo.with_key(f"/agents/{machine.agent_id}/reboot/", method="PATCH", body={"datetime": moment})


def act(demo: Demo, path: str, body: object = None) -> requests.Response:
    demo.api.status_override[demo.usual.agent_id] = "online"
    return demo.with_key(path.format(demo.usual.agent_id), method="POST", body=body)


def mesh_is_down(demo: Demo) -> requests.Response:
    demo.api.actions.wakes = False
    return act(demo, "/agents/{}/wol/")


def wake_without_node(demo: Demo) -> requests.Response:
    machine = demo.machine(lambda machine: machine.node_id is None)
    return demo.with_key(f"/agents/{machine.agent_id}/wol/", method="POST")


def detail(demo: Demo, plat: str) -> requests.Response:
    machine = demo.usual
    if plat != "windows":
        machine = demo.machine(
            lambda machine: (
                machine.plat == plat
                and machine.inventory["custom_fields"] == []
                and machine.inventory["description"] is not None
            )
        )
    return demo.with_key(f"/agents/{machine.agent_id}/")


def short_list(demo: Demo, query: str, key: Key | None = None) -> requests.Response:
    answer = demo.with_key(f"/agents/?{query}detail=false", key)
    assert answer.json()
    return answer


QUESTIONS: dict[str, Ask] = {
    "agent_after_delete": lambda demo: demo.with_key(f"/agents/{UNKNOWN}/"),
    "agent_detail_linux": lambda demo: detail(demo, "linux"),
    "agent_detail_other_client": lambda demo: demo.with_key(
        f"/agents/{demo.elsewhere.agent_id}/", demo.accounts.limited_key
    ),
    "agent_detail_short_id": lambda demo: demo.with_key("/agents/short/"),
    "agent_detail_unknown": lambda demo: demo.with_key(f"/agents/{UNKNOWN}/"),
    "agent_detail_unknown_superuser": lambda demo: demo.with_key(f"/agents/{UNKNOWN}/"),
    "agent_detail_windows": lambda demo: detail(demo, "windows"),
    "agent_put_bad_value": lambda demo: change(demo, {"monitoring_type": "printer"}),
    "agent_put_description": lambda demo: change(demo, {"description": "x"}),
    "agent_put_forbidden": lambda demo: change(demo, {"description": "x"}, demo.accounts.viewer_key),
    "agent_put_maintenance": lambda demo: change(demo, {"maintenance_mode": True}),
    "agents_list": lambda demo: demo.with_key("/agents/"),
    "clients_list": lambda demo: demo.with_key("/clients/"),
    "clients_list_acme_role": lambda demo: demo.with_key("/clients/", demo.accounts.limited_key),
    "clients_list_forbidden": lambda demo: demo.with_key("/clients/", demo.accounts.without_role_key),
    "clients_list_site_role": lambda demo: demo.with_key("/clients/", demo.accounts.limited_key),
    "agents_list_acme_role": lambda demo: short_list(demo, "", demo.accounts.limited_key),
    "agents_list_bad_client": lambda demo: demo.with_key("/agents/?client=abc"),
    "agents_list_bad_monitoring_type": lambda demo: demo.with_key("/agents/?monitoring_type=printer"),
    "agents_list_by_client": lambda demo: short_list(demo, f"client={demo.usual.client_number}&"),
    "agents_list_by_monitoring_type": lambda demo: short_list(demo, "monitoring_type=server&"),
    "agents_list_detail_false": lambda demo: short_list(demo, ""),
    "agents_list_no_role": lambda demo: demo.with_key("/agents/", demo.accounts.without_role_key),
    "agents_list_site_role": lambda demo: short_list(demo, f"site={demo.usual.site_number}&"),
    "agents_list_unknown_client": lambda demo: demo.with_key("/agents/?client=99999"),
    "auth_apikey_expired": lambda demo: demo.with_key("/agents/", demo.accounts.expired_key),
    "auth_apikey_inactive_user": lambda demo: demo.with_key("/agents/", demo.accounts.inactive_key),
    "auth_apikey_invalid": lambda demo: demo.ask("GET", "/agents/", {"X-API-KEY": "A" * 32}),
    "auth_apikey_logout_refused": lambda demo: demo.with_key("/logout/", method="POST"),
    "auth_checkcreds_bad_password": lambda demo: demo.check(demo.accounts.technician, WRONG),
    "auth_checkcreds_blocked_user": lambda demo: demo.check(demo.accounts.blocked),
    "auth_checkcreds_empty_body": lambda demo: demo.ask("POST", "/v2/checkcreds/", body={}),
    "auth_checkcreds_get": lambda demo: demo.ask("GET", "/v2/checkcreds/"),
    "auth_checkcreds_inactive_user": lambda demo: demo.check(demo.accounts.inactive),
    "auth_checkcreds_totp_required": lambda demo: demo.check(demo.accounts.technician),
    "auth_checkcreds_unknown_user": lambda demo: demo.ask(
        "POST", "/v2/checkcreds/", body={"username": "nobody", "password": WRONG}
    ),
    "auth_first_login_totp_not_set": lambda demo: demo.check(demo.accounts.newcomer),
    "auth_login_after_setup": after_set_up,
    "auth_login_bad_password": lambda demo: demo.sign_in(demo.accounts.technician, WRONG),
    "auth_login_bad_totp": lambda demo: demo.sign_in(demo.accounts.technician, code=WRONG),
    "auth_login_blocked_user": blocked_code,
    "auth_login_inactive_user": lambda demo: demo.sign_in(demo.accounts.inactive),
    "auth_login_missing_totp": lambda demo: demo.ask(
        "POST",
        "/v2/login/",
        body={"username": "technician", "password": demo.accounts.technician.password.reveal()},
    ),
    "auth_login_ok": lambda demo: demo.sign_in(demo.accounts.technician),
    "auth_login_user_without_totp": lambda demo: demo.sign_in(demo.accounts.newcomer),
    "auth_logout_ok": lambda demo: demo.with_token("/logout/", method="POST"),
    "auth_none": lambda demo: demo.ask("GET", "/agents/"),
    "auth_setup_totp_already_set": lambda demo: demo.with_token("/accounts/users/setup_totp/", method="POST", body={}),
    "auth_setup_totp_first_time": lambda demo: demo.with_token(
        "/accounts/users/setup_totp/", demo.accounts.newcomer, "POST", {}
    ),
    "auth_setup_totp_second_time": second_set_up,
    "auth_throttled_checkcreds": lambda demo: throttled(demo, lambda: demo.check(demo.accounts.technician)),
    "auth_throttled_login": lambda demo: throttled(demo, lambda: demo.sign_in(demo.accounts.technician)),
    "auth_token_after_logout": after_sign_out,
    "auth_token_bearer_scheme": lambda demo: demo.ask(
        "GET", "/agents/", {"Authorization": f"Bearer {demo.accounts.new_token(demo.accounts.technician)[0]}"}
    ),
    "auth_token_expired": expired,
    "auth_token_invalid": lambda demo: demo.ask("GET", "/agents/", {"Authorization": f"Token {'0' * 64}"}),
    "auth_token_no_value": lambda demo: demo.ask("GET", "/agents/", {"Authorization": "Token"}),
    "auth_token_ok_dashinfo": lambda demo: demo.with_token("/core/dashinfo/"),
    "bad_host_header": lambda demo: demo.ask("GET", "/", {"Host": "elsewhere.example"}),
    "core_dashinfo": lambda demo: demo.with_key("/core/dashinfo/"),
    "checks_list": lambda demo: part(demo, "/agents/{}/checks/", few_checks),
    "checks_list_never_ran": never_ran,
    "core_customfields_agent": lambda demo: demo.with_key("/core/customfields/?model=agent"),
    "history_list": lambda demo: part(demo, "/agents/{}/history/", lambda machine: machine.number % 2 == 0),
    "notes_delete": delete_note,
    "pendingactions_agent": lambda demo: part(demo, "/agents/{}/pendingactions/"),
    "software_list": lambda demo: part(demo, "/software/{}/"),
    "software_list_empty": lambda demo: demo.with_key(
        f"/software/{demo.machine(lambda machine: machine.plat == 'linux').agent_id}/"
    ),
    "tasks_list": lambda demo: part(
        demo,
        "/agents/{}/tasks/",
        lambda machine: machine.plat == "windows" and machine.number % 4 != 0 and not machine.presence.never,
    ),
    "winupdate_list": lambda demo: part(demo, "/winupdate/{}/", lambda machine: machine.number % 5 == 3),
    "core_version": lambda demo: demo.with_key("/core/version/"),
    "malformed_json": lambda demo: demo.ask("POST", "/v2/checkcreds/", body="{not json"),
    "mesh_recover_ok": recover,
    "mesh_urls_admin_key": lambda demo: demo.links(),
    "mesh_urls_forbidden_no_perm": lambda demo: demo.links(key=demo.accounts.viewer_key),
    "mesh_urls_forbidden_other_client": lambda demo: demo.links(demo.elsewhere, demo.accounts.limited_key),
    "mesh_urls_mesh_site_not_set": no_mesh_site,
    "mesh_urls_mesh_token_not_set": no_mesh_key,
    "mesh_urls_node_id_empty": lambda demo: demo.links(demo.machine(lambda machine: machine.node_id == "")),
    "mesh_urls_node_id_null": lambda demo: demo.links(demo.machine(lambda machine: machine.node_id is None)),
    "mesh_urls_offline_agent": offline_links,
    "mesh_urls_sync_off": lambda demo: demo.links(),
    "mesh_urls_tech_token": lambda demo: demo.with_token(f"/agents/{demo.usual.agent_id}/meshcentral/"),
    "mesh_urls_unknown_agent": lambda demo: demo.with_key(f"/agents/{UNKNOWN}/meshcentral/"),
    "method_not_allowed": lambda demo: demo.with_key("/agents/", method="POST", body={}),
    "natsdown_ping": lambda demo: ping(demo, "offline"),
    "natsdown_reboot": lambda demo: reboot(demo, status="offline"),
    "no_trailing_slash_get": lambda demo: demo.with_key("/agents"),
    "no_trailing_slash_post": lambda demo: demo.ask("POST", "/v2/checkcreds", body={"username": "x", "password": "x"}),
    "not_found_path": lambda demo: demo.with_key("/nosuchpath/"),
    "notes_add": add_note,
    "notes_list": notes_list,
    "ping_offline": lambda demo: ping(demo, "offline"),
    "ping_online": lambda demo: ping(demo, "online"),
    "reboot_forbidden": lambda demo: reboot(demo, demo.accounts.viewer_key),
    "reboot_offline": lambda demo: reboot(demo, status="offline"),
    "reboot_ok": reboot,
    "root_unauthenticated": lambda demo: demo.ask("GET", "/"),
    "service_action_error": lambda demo: service(demo, "NoSuch", "start"),
    "service_action_linux": lambda demo: service(demo, "ssh", plat="linux"),
    "service_restart_ok": service,
    "checks_run": lambda demo: act(demo, "/checks/{}/run/"),
    "reboot_later_bad_date": lambda demo: reboot_later(demo, "2031-05-06 07:08:00"),
    "reboot_later_linux": lambda demo: reboot_later(demo, plat="linux"),
    "reboot_later_offline": lambda demo: reboot_later(demo, status="offline"),
    "reboot_later_ok": reboot_later,
    "reboot_later_past": lambda demo: reboot_later(demo, "2020-05-06T07:08"),
    "recover_mesh_ok": lambda demo: act(demo, "/agents/{}/recover/", {"mode": "mesh"}),
    "shutdown_ok": lambda demo: act(demo, "/agents/{}/shutdown/"),
    "wol_mesh_unreachable": mesh_is_down,
    "wol_no_node_id": wake_without_node,
    "sso_config": lambda demo: demo.ask("GET", "/_allauth/browser/v1/config/"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_demo_answers_as_the_real_server_did(demo: Demo, name: str) -> None:
    real = exchanges.load(name)
    answer = QUESTIONS[name](demo)
    assert answer.status_code == real.status
    for header in SAME_HEADERS:
        assert answer.headers.get(header) == real.headers.get(header), header
    assert ("retry-after" in answer.headers) == ("retry-after" in real.headers)
    assert ("set-cookie" in answer.headers) == ("set-cookie" in real.headers)
    if not real.in_json:
        assert answer.text == real.body
        return
    assert shapes.shape_of([real.body]).differences(answer.json()) == []
    if real.status >= 400 and name not in OTHER_WORDS:
        assert answer.json() == real.body


def test_every_captured_answer_to_the_console_is_asked_of_the_demo() -> None:
    assert QUESTIONS.keys() == EXERCISED | OTHERS


def test_the_links_are_pasted_together_as_the_real_server_does(demo: Demo) -> None:
    assert demo.links().json()["control"] == (
        f"https://127.0.0.1:4430/?login=a@b$c==&gotonode={demo.usual.node_id}&viewmode=11&hide=31"
    )
    assert no_mesh_key(demo).json()["terminal"] == (
        f"https://127.0.0.1:4430/?login=err&gotonode={demo.usual.node_id}&viewmode=12&hide=31"
    )
    assert "&gotonode=&" in QUESTIONS["mesh_urls_node_id_empty"](demo).json()["file"]
    assert "&gotonode=None&" in QUESTIONS["mesh_urls_node_id_null"](demo).json()["file"]
    demo.api.links = Links.USUAL
    assert no_mesh_site(demo).json()["control"].startswith("None/?login=")


def test_a_throttled_answer_says_how_long_to_wait(demo: Demo) -> None:
    answer = QUESTIONS["auth_throttled_login"](demo)
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert answer.json() == {"detail": f"Request was throttled. Expected available in {seconds} seconds."}


def test_notes_follow_the_role(demo: Demo) -> None:
    assert add_note(demo, key=demo.accounts.without_role_key).status_code == 403
    assert add_note(demo, demo.elsewhere, demo.accounts.limited_key).status_code == 403
    assert demo.with_key(f"/agents/{demo.usual.agent_id}/notes/", demo.accounts.without_role_key).status_code == 403
    unknown = demo.with_key("/agents/notes/", method="POST", body={"agent_id": UNKNOWN, "note": "x"})
    assert unknown.status_code == 404
    assert demo.with_key("/agents/notes/", method="POST", body={"note": "x"}).status_code == 500
    assert demo.api.notes.of(demo.usual.agent_id) == []
