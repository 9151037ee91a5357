"""The paths of the demo's RMM that tell of one agent: checks, tasks, software, updates, history, notes."""

import threading
from collections.abc import Callable

import msgspec
from werkzeug.wrappers import Request, Response

from console.demo import api_http, details_content
from console.demo.api_access import ID, Access, ForbiddenError, Route, route
from console.demo.api_actions import Actions
from console.demo.api_notes import Notes
from console.demo.fleet import Machine

Content = Callable[[Machine], object]


class DetailRoutes:
    """The attributes may be set at any time, with the names of parts: "checks", "tasks", "software", "patches",
    "pending", "notes", "history", "fields". `delays` is how many seconds each takes; the role of no user allows the
    `forbidden` ones, and the server fails on the `broken` ones.
    """

    def __init__(
        self, access: Access, actions: Actions, notes: Notes, clock: Callable[[], float], closing: threading.Event
    ) -> None:
        self.delays: dict[str, float] = {}
        self.forbidden: set[str] = set()
        self.broken: set[str] = set()
        self._access = access
        self._actions = actions
        self._notes = notes
        self._clock = clock
        self._closing = closing

    def routes(self) -> tuple[Route, ...]:
        return (
            route("/core/customfields/", "GET, POST, PATCH, HEAD, OPTIONS", GET=self.custom_fields),
            route(f"/agents/{ID}/checks/", "GET, POST, HEAD, OPTIONS", GET=self.checks),
            route(f"/agents/{ID}/tasks/", "GET, POST, HEAD, OPTIONS", GET=self.tasks),
            route(f"/software/{ID}/", "GET, POST, PUT, HEAD, OPTIONS", GET=self.software),
            route(f"/winupdate/{ID}/", "GET, HEAD, OPTIONS", GET=self.patches),
            route(f"/agents/{ID}/pendingactions/", "GET, DELETE, HEAD, OPTIONS", GET=self.pending),
            route(f"/agents/{ID}/history/", "GET, HEAD, OPTIONS", GET=self.history),
            route(f"/agents/{ID}/notes/", "GET, POST, HEAD, OPTIONS", GET=self.notes_of),
            route("/agents/notes/([0-9]+)/", "GET, PUT, DELETE, HEAD, OPTIONS", PUT=self.edit, DELETE=self.delete),
        )

    def custom_fields(self, request: Request, _: str) -> Response:
        self._access.user_with(request, "can_view_customfields")
        return self._held_up("fields") or api_http.json_answer(details_content.custom_fields())

    def checks(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "checks", "can_list_checks", self._at(details_content.checks))

    def tasks(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "tasks", "can_list_autotasks", self._at(details_content.tasks))

    def software(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "software", "can_list_software", details_content.software)

    def patches(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "patches", "can_manage_winupdates", self._at(details_content.patches))

    def pending(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "pending", "can_list_pendingactions", self._pending)

    def history(self, request: Request, agent_id: str) -> Response:
        return self._part(request, agent_id, "history", "can_list_agent_history", self._at(details_content.history))

    def notes_of(self, request: Request, agent_id: str) -> Response:
        return self._part(
            request,
            agent_id,
            "notes",
            "can_list_notes",
            lambda machine: [note.row() for note in self._notes.of(machine.agent_id)],
        )

    def edit(self, request: Request, number: str) -> Response:
        self._check_note(request, number)
        if held_up := self._held_up("note"):
            return held_up
        body = msgspec.json.decode(request.get_data() or b"{}")
        if isinstance(body, dict) and isinstance(body.get("note"), str):
            self._notes.edit(int(number), body["note"])
        return api_http.json_answer("Note edited!")

    def delete(self, request: Request, number: str) -> Response:
        self._check_note(request, number)
        if held_up := self._held_up("note"):
            return held_up
        self._notes.delete(int(number))
        return api_http.json_answer("Note was deleted!")

    def _check_note(self, request: Request, number: str) -> None:
        agent_id = self._notes.agent_of(int(number))
        self._access.machine_for(request, agent_id or "", "can_manage_notes")

    def _part(self, request: Request, agent_id: str, part: str, right: str, content: Content) -> Response:
        machine = self._access.machine_for(request, agent_id, right)
        return self._held_up(part) or api_http.json_answer(content(machine))

    def _at(self, content: Callable[[Machine, float], object]) -> Content:
        return lambda machine: content(machine, self._clock())

    def _pending(self, machine: Machine) -> object:
        rows = details_content.pending(machine, self._clock())
        for one in self._actions.scheduled:
            if one.agent_id == machine.agent_id:
                due = f"{one.at:%Y-%m-%d %H:%M:%S}"
                told: dict[str, object] = {"time": due, "taskname": one.task_name}
                rows.append(
                    details_content.pending_row(machine, len(rows) + 3, "schedreboot", due, told, self._clock())
                )
        return rows

    def _held_up(self, part: str) -> Response | None:
        """Waits as long as it shall; what is answered instead of the content."""
        if delay := self.delays.get(part):
            self._closing.wait(delay)
        if part in self.forbidden:
            raise ForbiddenError
        return api_http.server_error_page() if part in self.broken else None
