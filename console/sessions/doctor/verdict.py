"""What a check found out: a verdict, what it is about, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from console.problem import Problem


class Verdict(StrEnum):
    FINE = "fine"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "not checked"


class Section(StrEnum):
    COMPUTER = "This computer"
    RMM = "The RMM"
    MESH = "MeshCentral"
    OPTIONS = "MeshCentral's options"


@dataclass(frozen=True)
class Outcome:
    """`said` is what was found, `advice` what to do next, `detail` the technical part."""

    verdict: Verdict
    said: str
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the report. `key` names the check."""

    key: str
    section: Section
    title: str
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        return self.outcome.verdict


def fine(said: str, detail: str = "") -> Outcome:
    return Outcome(Verdict.FINE, said, "", detail)


def warning(said: str, advice: str, detail: str = "") -> Outcome:
    return Outcome(Verdict.WARNING, said, advice, detail)


def failure(said: str, advice: str, detail: str = "") -> Outcome:
    return Outcome(Verdict.FAILURE, said, advice, detail)


def skipped(said: str, advice: str = "") -> Outcome:
    return Outcome(Verdict.SKIPPED, said, advice)


def failed_by(problem: Problem) -> Outcome:
    return failure(problem.what, problem.advice, problem.detail)
