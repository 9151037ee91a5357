"""What stands in the lists about an agent, in words: one line for each check, task, program, update, action and run."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from console.rmm.details_models import Check, Outcome, Patch, PendingAction, Program, Run, Task
from console.sessions.agent_details import Part
from console.ui.agents.columns import ago, local


class Line(msgspec.Struct, frozen=True):
    """`icon` is a name and that of its colour in theme.Colours. `more` is what unfolds, "" when there is nothing."""

    icon: tuple[str, str]
    title: str
    facts: str
    more: str = ""

    @property
    def text(self) -> str:
        """All of it, to be copied or read out."""
        return "\n".join(part for part in (self.title, self.facts, self.more) if part)


OUTCOMES = {
    Outcome.FAILING: (("failed", "bad"), "Failing"),
    Outcome.WARNING: (("warning", "warning"), "Warning"),
    Outcome.INFO: (("info", "accent"), "Info"),
    Outcome.PASSING: (("check", "good"), "Passing"),
    Outcome.NOT_RUN: (("unknown", "neutral"), "Not run yet"),
}
_KINDS = {"cmd_run": "Command", "script_run": "Script", "task_run": "Task"}
_PLANS = {"approve": "approved", "ignore": "ignored", "inherit": "as the policy says", "nothing": ""}


def lines(part: Part, value: object, now: datetime) -> tuple[Line, ...]:
    """The lines for what a part told; `now` is what ages are counted from."""
    maker = _MAKERS.get(part)
    return tuple(maker(each, now) for each in value) if maker and isinstance(value, tuple) else ()


def _facts(parts: Iterable[str]) -> str:
    return "  ·  ".join(part for part in parts if part)


def _check(check: Check, now: datetime) -> Line:
    icon, word = OUTCOMES[check.outcome]
    often = f"{check.fails} times in a row" if check.fails > 1 else ""
    age = ago(check.last_run, now) if check.last_run else ""
    return Line(icon, check.text, _facts((word, age, often, "by a policy" if check.by_policy else "")), check.output)


def _task(task: Task, now: datetime) -> Line:
    icon, word = OUTCOMES[task.outcome]
    age = ago(task.last_run, now) if task.last_run else ""
    facts = (word, "" if task.enabled else "Disabled", age, task.schedule, "by a policy" if task.by_policy else "")
    return Line(icon if task.enabled else ("unknown", "neutral"), task.name, _facts(facts), task.output)


def _program(program: Program, _: datetime) -> Line:
    day = f"installed {program.installed}" if program.installed else ""
    more = [
        ("Name", program.name),
        ("Version", program.version),
        ("Publisher", program.publisher),
        ("Installed", str(program.installed or "")),
        ("Size", program.size),
        ("Place", program.location),
    ]
    unfolded = "\n".join(f"{name}: {value}" for name, value in more if value)
    return Line(("software", "muted"), program.name, _facts((program.version, program.publisher, day)), unfolded)


def _patch(patch: Patch, _: datetime) -> Line:
    if patch.installed:
        icon, word = ("check", "good"), "Installed"
    else:
        icon, word = ("download", "warning"), "Downloaded, not installed" if patch.downloaded else "Not installed"
    result = patch.result if patch.result and patch.result != "success" else ""
    facts = (word, patch.kb, patch.severity, _PLANS.get(patch.action, patch.action), patch.installed_at, result)
    categories = ", ".join(patch.categories)
    more = "\n".join(part for part in (patch.title, categories and f"Categories: {categories}") if part)
    return Line(icon, patch.title, _facts(facts), more)


def _pending(action: PendingAction, _: datetime) -> Line:
    icon, word = (("check", "good"), "Done") if action.done else (("clock", "warning"), "Still to be done")
    own_time = " (the machine's own time)" if action.kind == "schedreboot" and not action.done else ""
    return Line(
        icon, action.description, _facts((word, f"due {action.due}{own_time}" if action.due else "")), action.output
    )


def _run(run: Run, now: datetime) -> Line:
    word = _KINDS.get(run.kind, run.kind)
    icon = ("terminal", "muted") if run.kind == "cmd_run" else ("gear", "muted")
    if run.output is None:
        said = "no result yet"
    else:
        said = f"return code {run.code}" if run.code else ""
        icon = ("failed", "bad") if run.code else icon
    facts = _facts((word, run.username, ago(run.at, now) if run.at else "", said))
    when = f"{local(run.at)}\n" if run.at else ""
    took = f"\n\nTook {run.seconds:g} s" if run.seconds is not None else ""
    output = "" if run.output is None else run.output or "(no output)"
    return Line(icon, run.title, facts, f"{when}{output}{took}" if output else "")


_MAKERS: dict[Part, Callable[..., Line]] = {
    Part.CHECKS: _check,
    Part.TASKS: _task,
    Part.SOFTWARE: _program,
    Part.PATCHES: _patch,
    Part.PENDING: _pending,
    Part.HISTORY: _run,
}
