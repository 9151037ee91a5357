"""What a technician reads about one agent, each part by a call of its own; and the notes, which are written too."""

from typing import TypeVar

from console.rmm import details_bodies as bodies
from console.rmm import errors, rows
from console.rmm.calls import Calls, checked_agent_id, decoded
from console.rmm.details_models import Check, Detail, Note, Outcome, Patch, PendingAction, Program, Run, Task
from console.rmm.errors import Call
from console.transport import MEGABYTE

T = TypeVar("T")

_DETAIL = Call("the details of an agent", "can_list_agents")
_CHECKS = Call("the checks of an agent", "can_list_checks")
_TASKS = Call("the tasks of an agent", "can_list_autotasks")
_SOFTWARE = Call("the software of an agent", "can_list_software")
_PATCHES = Call("the Windows updates of an agent", "can_manage_winupdates")
_PENDING = Call("the pending actions of an agent", "can_list_pendingactions")
_NOTES = Call("the notes of an agent", "can_list_notes")
_ADD_NOTE = Call("adding a note to an agent", "can_manage_notes")
_CHANGE_NOTE = Call("changing a note of an agent", "can_manage_notes")
_DELETE_NOTE = Call("deleting a note of an agent", "can_manage_notes")
_HISTORY = Call("the history of an agent", "can_list_agent_history")
_FIELDS = Call("the custom fields", "can_view_customfields")
_LARGEST = 16 * MEGABYTE
_WORST_FIRST = list(Outcome)


class Details:
    """Every call blocks, may be made from any thread, and raises an RmmProblem or a TransportProblem.

    Lists come in the order in which they are of use: what fails first, what is newest first.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def agent(self, agent_id: str) -> Detail:
        """One agent in full. Up to 145 kB."""
        answer = self._calls.get(f"/agents/{checked_agent_id(agent_id)}/", _DETAIL, limit=_LARGEST)
        try:
            fresh = rows.read_agent(answer.body, agent_id)
        except ValueError as error:
            raise errors.of_content(answer, _DETAIL, self._calls.host, str(error)) from None
        body = decoded(answer, bodies.DetailBody, _DETAIL, self._calls.host)
        return Detail(
            fresh,
            body.total_ram if body.total_ram and body.total_ram > 0 else None,
            tuple(disk.disk() for disk in body.disks or ()),
            bodies.adapters(body.wmi_detail, body.local_ips),
            bodies.text(body.time_zone) or bodies.text(body.timezone),
            body.offline_time,
            body.overdue_time,
            body.check_interval,
            bodies.text(body.logged_in_username),
            bodies.text(body.last_logged_in_user),
        )

    def checks(self, agent_id: str) -> tuple[Check, ...]:
        """What fails comes first."""
        found = self._list(f"/agents/{checked_agent_id(agent_id)}/checks/", list[bodies.CheckBody], _CHECKS)
        return tuple(sorted((each.check() for each in found), key=lambda check: _WORST_FIRST.index(check.outcome)))

    def tasks(self, agent_id: str) -> tuple[Task, ...]:
        found = self._list(f"/agents/{checked_agent_id(agent_id)}/tasks/", list[bodies.TaskBody], _TASKS)
        return tuple(sorted((each.task() for each in found), key=lambda task: task.name.casefold()))

    def software(self, agent_id: str) -> tuple[Program, ...]:
        """By name. Empty too when the agent has not told of any yet."""
        answer = self._calls.get(f"/software/{checked_agent_id(agent_id)}/", _SOFTWARE, limit=_LARGEST)
        if answer.body.lstrip()[:1] == b"[":
            found = decoded(answer, list[bodies.ProgramBody], _SOFTWARE, self._calls.host)
        else:
            found = decoded(answer, bodies.SoftwareBody, _SOFTWARE, self._calls.host).software or []
        return tuple(sorted((each.program() for each in found), key=lambda program: program.name.casefold()))

    def patches(self, agent_id: str) -> tuple[Patch, ...]:
        """What is not installed comes first."""
        found = self._list(f"/winupdate/{checked_agent_id(agent_id)}/", list[bodies.PatchBody], _PATCHES)
        patches = sorted((each.patch() for each in found), key=lambda patch: patch.installed_at, reverse=True)
        return tuple(sorted(patches, key=lambda patch: patch.installed))

    def pending_actions(self, agent_id: str) -> tuple[PendingAction, ...]:
        """What is still to be done comes first."""
        path = f"/agents/{checked_agent_id(agent_id)}/pendingactions/"
        found = self._list(path, list[bodies.PendingBody], _PENDING)
        return tuple(sorted((each.pending() for each in found), key=lambda action: action.done))

    def notes(self, agent_id: str) -> tuple[Note, ...]:
        """The newest first."""
        found = self._list(f"/agents/{checked_agent_id(agent_id)}/notes/", list[bodies.NoteBody], _NOTES)
        return tuple(sorted((each.entry() for each in found), key=lambda note: note.number, reverse=True))

    def add_note(self, agent_id: str, note: str) -> None:
        """Adds a note under this user's name. Not repeated: the server would add it twice."""
        fields = {"agent_id": checked_agent_id(agent_id), "note": note}
        answer = self._calls.send("POST", "/agents/notes/", _ADD_NOTE, json=fields)
        decoded(answer, str, _ADD_NOTE, self._calls.host)

    def change_note(self, number: int, note: str) -> None:
        answer = self._calls.send("PUT", f"/agents/notes/{number:d}/", _CHANGE_NOTE, json={"note": note})
        decoded(answer, str, _CHANGE_NOTE, self._calls.host)

    def delete_note(self, number: int) -> None:
        answer = self._calls.send("DELETE", f"/agents/notes/{number:d}/", _DELETE_NOTE)
        decoded(answer, str, _DELETE_NOTE, self._calls.host)

    def history(self, agent_id: str) -> tuple[Run, ...]:
        """Commands, scripts and tasks with their results, the newest first."""
        found = self._list(f"/agents/{checked_agent_id(agent_id)}/history/", list[bodies.RunBody], _HISTORY)
        return tuple(sorted((each.run() for each in found), key=lambda run: run.number, reverse=True))

    def custom_fields(self) -> dict[int, str]:
        """The names of the custom fields of agents, by the ids of their definitions."""
        found = self._list("/core/customfields/?model=agent", list[bodies.FieldBody], _FIELDS)
        return {each.id: name for each in found if (name := bodies.text(each.name))}

    def _list(self, path: str, shape: type[T], call: Call) -> T:
        answer = self._calls.get(path, call, limit=_LARGEST)
        return decoded(answer, shape, call, self._calls.host)
