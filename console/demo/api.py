"""The demo's RMM: answers every path that the console calls as Tactical RMM 1.5.1 does, with an invented fleet.

Statuses, keys and types are those of the real server (rmm-api); tests/contract holds the two against each other.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse

import msgspec
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from console.demo import api_http
from console.demo.accounts import SETUP_TOKEN_SECONDS, Accounts, RefusedError
from console.demo.api_access import (
    ID,
    NOT_PROVIDED,
    Access,
    ForbiddenError,
    Route,
    UnknownAgentError,
    form_of,
    route,
    token_of,
)
from console.demo.api_action_routes import ActionRoutes
from console.demo.api_actions import Actions
from console.demo.api_clients import Clients
from console.demo.api_content import DASH_INFO, Links, MeshLogin, session_links
from console.demo.api_details import DetailRoutes
from console.demo.api_notes import Notes
from console.demo.api_server import RunningApi, serve
from console.demo.fleet import Fleet, Machine, iso

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["AuditEntry", "DemoApi", "Links", "MeshLogin", "RunningApi", "serve"]

_FORBIDDEN = "You do not have permission to perform this action."
_UNKNOWN_AGENT = "No Agent matches the given query."
_BAD = "Bad credentials"
_NO_LOGIN = {"non_field_errors": ["Unable to log in with provided credentials."]}


@dataclass(frozen=True)
class AuditEntry:
    """What the server notes when somebody asks for session links."""

    username: str
    agent_id: str
    text: str = "initiated a remote session"


MeshLinker = Callable[[Machine], MeshLogin | None]


class DemoApi:
    """A WSGI application. The public attributes may be set at any time, by tests and by the demo's window.

    `mesh` gives what the session links of an agent need, or None while there is no MeshCentral: the answer is then that
    of a server whose Mesh site is not set. `delay` is how many seconds each answer takes. `hosts` are the names that it
    answers to. `requests` holds the method and path of each request, without its query.
    """

    def __init__(
        self, fleet: Fleet, accounts: Accounts, mesh: MeshLinker | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.fleet = fleet
        self.accounts = accounts
        self.mesh: MeshLinker = mesh or (lambda machine: None)
        self.links = Links.USUAL
        self.status_override: dict[str, str] = {}
        self.sso_providers: tuple[str, ...] = ()
        self.delay = 0.0
        self.hosts = {"127.0.0.1", "localhost"}
        self.audit: list[AuditEntry] = []
        self.notes = Notes()
        self.requests: list[tuple[str, str]] = []
        self._clock = clock
        self._closing = threading.Event()
        self.actions = Actions(clock, self._closing)
        self.access = Access(fleet, accounts)
        self.acting = ActionRoutes(self.access, self.actions, self._answers, self._closing)
        self.details = DetailRoutes(self.access, self.actions, self.notes, clock, self._closing)
        asked = (self.acting.routes(), self.details.routes(), Clients(self.access).routes())
        self._routes = (*self._own_routes(), *chain.from_iterable(asked))

    def __call__(self, environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.requests.append((request.method, request.path))
        if self.delay:
            self._closing.wait(self.delay)
        return self._answer(request)(environ, start_response)

    def release(self) -> None:
        """Lets the requests that wait for `delay` go on at once, now and later."""
        self._closing.set()

    def _answer(self, request: Request) -> Response:
        if request.host.rpartition(":")[0] not in self.hosts:
            return api_http.bad_request_page()
        for one in self._routes:
            if found := one.path.fullmatch(request.path):
                return self._routed(one, request, found[1] if one.path.groups else "")
        with_slash = request.path + "/"
        if any(one.path.fullmatch(with_slash) for one in self._routes):
            query = request.query_string.decode("latin-1")
            return api_http.moved(with_slash + (f"?{query}" if query else ""))
        return api_http.not_found_page()

    def _routed(self, which: Route, request: Request, part: str) -> Response:
        try:
            handler = which.handlers.get(request.method)
            if which.throttled and (seconds := self.accounts.wait(request.path, request.remote_addr or "")):
                answer = api_http.throttled(seconds)
            elif handler:
                answer = handler(request, part)
            else:
                if which.guarded:
                    self.access.user(request)
                answer = api_http.detail(f'Method "{request.method}" not allowed.', 405)
        except RefusedError as refusal:
            answer = api_http.detail(str(refusal), 401)
        except msgspec.DecodeError:
            answer = api_http.detail("JSON parse error - Expecting value: line 1 column 1 (char 0)", 400)
        except (ForbiddenError, HTTPException):
            answer = api_http.detail(_FORBIDDEN, 403)
        except UnknownAgentError:
            answer = api_http.detail(_UNKNOWN_AGENT, 404)
        if answer.status_code != 500 and which.allow:
            answer.headers["Allow"] = which.allow
        return answer

    def root(self, request: Request, _: str) -> Response:
        return api_http.json_answer({"status": "ok"})

    def check_credentials(self, request: Request, _: str) -> Response:
        form = form_of(request)
        if "username" not in form:
            return api_http.server_error_page()
        user = self.accounts.find(form["username"], form.get("password", ""))
        if user is None or user.blocked or user.sso:
            return api_http.json_answer(_BAD, 400)
        if user.totp_key:
            return api_http.json_answer({"totp": True})
        token, expiry = self.accounts.new_token(user, SETUP_TOKEN_SECONDS)
        return _with_cookies({"expiry": iso(expiry), "token": token, "totp": False})

    def sign_in(self, request: Request, _: str) -> Response:
        form = form_of(request)
        user = self.accounts.find(form.get("username", ""), form.get("password", ""))
        if user is None:
            return api_http.json_answer(_NO_LOGIN, 400)
        if user.blocked or user.sso:
            return api_http.json_answer(_BAD, 400)
        if user.totp_key is None or "twofactor" not in form:
            return api_http.server_error_page()
        if not self.accounts.code_is_right(user, form["twofactor"]):
            return api_http.json_answer(_BAD, 400)
        token, expiry = self.accounts.new_token(user)
        return _with_cookies({"expiry": iso(expiry), "token": token, "username": user.name, "name": None})

    def set_up_totp(self, request: Request, _: str) -> Response:
        user = self.access.user(request)
        key = self.accounts.set_up_totp(user)
        if key is None:
            return api_http.json_answer(False)
        uri = f"otpauth://totp/demo:{user.name}?secret={key.reveal()}&issuer=demo"
        return api_http.json_answer({"username": user.name, "totp_key": key.reveal(), "qr_url": uri})

    def sign_out(self, request: Request, _: str) -> Response:
        token = token_of(request)
        if token is None:
            raise RefusedError(NOT_PROVIDED)
        self.accounts.user_of_token(token)
        self.accounts.end_token(token)
        answer = Response(b"", 204)
        del answer.headers["Content-Type"]
        return answer

    def sso_config(self, request: Request, _: str) -> Response:
        providers = [{"id": name.lower(), "name": name, "icon": ""} for name in self.sso_providers]
        return _with_cookie(api_http.json_answer({"status": 200, "data": {"socialaccount": {"providers": providers}}}))

    def dash_info(self, request: Request, _: str) -> Response:
        self.access.user(request)
        return api_http.json_answer({**DASH_INFO, "sso_enabled": bool(self.sso_providers)})

    def version(self, request: Request, _: str) -> Response:
        self.access.user(request)
        return api_http.json_answer("0.0.203")

    def agents(self, request: Request, _: str) -> Response:
        user = self.access.lister(request)
        kind = request.args.get("monitoring_type")
        if kind not in (None, "server", "workstation"):
            return api_http.json_answer("monitoring type does not exist", 400)
        client, site = request.args.get("client", ""), request.args.get("site", "")
        if not (client + site).isdigit() and client + site:
            return api_http.server_error_page()
        machines = [
            machine
            for machine in self.fleet.machines
            if user.role.covers(machine.client)
            and kind in (None, machine.monitoring_type)
            and (machine.site_number == int(site) if site else not client or machine.client_number == int(client))
        ]
        if request.args.get("detail", "true") != "true":
            return api_http.json_answer([machine.short_row() for machine in machines])
        now = self._clock()
        return api_http.json_answer([self._current(machine, machine.row(now)) for machine in machines])

    def agent(self, request: Request, agent_id: str) -> Response:
        machine = self.access.machine(self.access.lister(request), agent_id)
        if machine is None:
            return api_http.detail(_UNKNOWN_AGENT, 404)
        return api_http.json_answer(self._current(machine, machine.detail(self._clock())))

    def mesh_links(self, request: Request, agent_id: str) -> Response:
        user = self.access.user_with(request, "can_use_mesh")
        machine = self.access.machine(user, agent_id)
        if machine is None:
            return api_http.detail(_UNKNOWN_AGENT, 404)
        self.audit.append(AuditEntry(user.name, agent_id))
        links = session_links(machine, self.mesh(machine), self.links)
        return api_http.json_answer(
            {
                "hostname": machine.hostname,
                **links,
                "status": self._status(machine),
                "client": machine.client,
                "site": machine.site,
            }
        )

    def add_note(self, request: Request, _: str) -> Response:
        user, form = self.access.user_with(request, "can_manage_notes"), form_of(request)
        if not {"agent_id", "note"} <= form.keys():
            return api_http.server_error_page()
        machine = self.access.machine(user, form["agent_id"])
        if machine is None:
            return api_http.detail(_UNKNOWN_AGENT, 404)
        self.notes.add(machine, user.name, form["note"], self._clock())
        return api_http.json_answer("Note added!")

    def web_page(self, request: Request, agent_id: str) -> Response:
        machine = self.fleet.find(agent_id)
        if machine is None:
            return api_http.not_found_page()
        name = escape(machine.hostname)
        return api_http.page(
            f"{name} – demo",
            f"With a real server, the RMM's own web page for {name} ({escape(machine.client)}) opens here.",
        )

    def _own_routes(self) -> tuple[Route, ...]:
        return (
            route("/", "GET, OPTIONS", guarded=False, GET=self.root),
            route("/v2/checkcreds/", "POST, OPTIONS", guarded=False, throttled=True, POST=self.check_credentials),
            route("/v2/login/", "POST, OPTIONS", guarded=False, throttled=True, POST=self.sign_in),
            route("/accounts/users/setup_totp/", "POST, OPTIONS", POST=self.set_up_totp),
            route("/logout/", "POST, OPTIONS", POST=self.sign_out),
            route("/_allauth/browser/v1/config/", "", guarded=False, GET=self.sso_config),
            route("/core/dashinfo/", "GET, OPTIONS", GET=self.dash_info),
            route("/core/version/", "GET, OPTIONS", GET=self.version),
            route("/agents/", "GET, HEAD, OPTIONS", GET=self.agents, POST=_not_implemented),
            route(f"/agents/{ID}/", "GET, PUT, DELETE, HEAD, OPTIONS", GET=self.agent, PUT=self.acting.change),
            route(f"/agents/{ID}/meshcentral/", "GET, POST, HEAD, OPTIONS", GET=self.mesh_links),
            route("/agents/notes/", "GET, POST, HEAD, OPTIONS", POST=self.add_note),
            route(f"/web/agents/{ID}", "", guarded=False, GET=self.web_page),
        )

    def _answers(self, machine: Machine) -> bool:
        """Whether an agent can be reached now. The list goes by when it was last heard of, which is another matter."""
        return self._status(machine) == "online" and not self.actions.is_away(machine)

    def _status(self, machine: Machine) -> str:
        return self.status_override.get(machine.agent_id) or machine.status(self._clock())

    def _current(self, machine: Machine, row: dict[str, object]) -> dict[str, object]:
        return {**row, "status": self._status(machine)}


def _not_implemented(request: Request, _: str) -> Response:
    """The real server has no such method here and fails on it."""
    return api_http.server_error_page()


def _with_cookies(content: object) -> Response:
    """A sign-in sets two cookies that the API does not need; the console must not keep them."""
    answer = _with_cookie(api_http.json_answer(content))
    answer.set_cookie("sessionid", secrets.token_urlsafe(24), max_age=1_209_600, httponly=True, samesite="Lax")
    return answer


def _with_cookie(answer: Response) -> Response:
    answer.set_cookie("csrftoken", secrets.token_urlsafe(24), max_age=31_449_600, samesite="Lax")
    return answer
