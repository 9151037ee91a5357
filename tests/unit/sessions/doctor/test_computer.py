import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import PySide6
import pytest

from console.mesh.engine_facts import EngineFacts
from console.sessions.doctor import computer
from console.sessions.doctor.case import Case, Folders, Question
from console.sessions.doctor.verdict import Verdict
from console.transport import Transport
from console.vault.store import MemoryVault
from tests.unit.sessions.doctor.stand_in import FACTS

NOT_SANDBOXED = "Sandbox Status\nLayer 1 Sandbox\tNone\nSeccomp-BPF sandbox\tNo\n\nYou are NOT adequately sandboxed."


def case(tmp_path: Path, facts: EngineFacts = FACTS, environment: Mapping[str, str] | None = None) -> Case:
    folders = Folders(tmp_path, tmp_path, tmp_path)
    made = Case(Question(folders, environment or {}, (), MemoryVault, lambda _: facts), Transport())
    made.engine = facts
    return made


def test_the_program_says_what_it_runs_on() -> None:
    outcome = computer.program()
    assert outcome.verdict is Verdict.FINE
    assert PySide6.__version__ in outcome.said


def test_a_pyside_that_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PySide6, "__version__", "6.12.0")
    outcome = computer.program()
    assert outcome.verdict is (Verdict.FAILURE if sys.version_info < (3, 12) else Verdict.FINE)


@pytest.mark.parametrize(("patches", "verdict"), [("155.0.8", Verdict.FINE), ("140.0.7", Verdict.WARNING)])
def test_the_patch_level(tmp_path: Path, patches: str, verdict: Verdict) -> None:
    outcome = computer.engine(case(tmp_path, msgspec.structs.replace(FACTS, patches=patches)))
    assert outcome.verdict is verdict
    assert patches in outcome.said
    assert FACTS.chromium in outcome.said


class TestSandbox:
    def test_there_is_one(self, tmp_path: Path) -> None:
        outcome = computer.sandbox(case(tmp_path))
        assert outcome.verdict is Verdict.FINE
        assert "Namespace" in outcome.said

    def test_there_is_one_in_part(self, tmp_path: Path) -> None:
        partly = NOT_SANDBOXED.replace("Seccomp-BPF sandbox\tNo", "Seccomp-BPF sandbox\tYes")
        outcome = computer.sandbox(case(tmp_path, msgspec.structs.replace(FACTS, sandbox=partly)))
        assert outcome.verdict is Verdict.WARNING
        assert "in part only" in outcome.said

    def test_there_is_none(self, tmp_path: Path) -> None:
        outcome = computer.sandbox(case(tmp_path, msgspec.structs.replace(FACTS, sandbox=NOT_SANDBOXED)))
        assert outcome.verdict is Verdict.WARNING
        assert "user namespaces" in outcome.advice
        assert "Seccomp-BPF sandbox: No" in outcome.detail

    @pytest.mark.parametrize(
        "switch",
        [{"QTWEBENGINE_DISABLE_SANDBOX": "1"}, {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --log-level=3"}],
    )
    def test_it_is_switched_off(self, tmp_path: Path, switch: dict[str, str]) -> None:
        outcome = computer.sandbox(case(tmp_path, environment=switch))
        assert outcome.verdict is Verdict.WARNING
        assert "switched off" in outcome.said

    def test_a_system_that_tells_nothing(self, tmp_path: Path) -> None:
        outcome = computer.sandbox(case(tmp_path, msgspec.structs.replace(FACTS, sandbox="")))
        assert outcome.verdict is Verdict.SKIPPED


class TestGraphics:
    def test_a_card(self, tmp_path: Path) -> None:
        assert computer.graphics(case(tmp_path)).said == "Some Card"

    @pytest.mark.parametrize("renderer", ["", "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device))", "llvmpipe (LLVM)"])
    def test_the_processor(self, tmp_path: Path, renderer: str) -> None:
        facts = msgspec.structs.replace(FACTS, renderer=renderer)
        outcome = computer.graphics(case(tmp_path, facts, {"LIBGL_ALWAYS_SOFTWARE": "1"}))
        assert outcome.verdict is Verdict.WARNING
        assert renderer in outcome.said
        assert "LIBGL_ALWAYS_SOFTWARE" in outcome.detail

    def test_without_a_display(self, tmp_path: Path) -> None:
        facts = msgspec.structs.replace(FACTS, platform="offscreen", renderer="")
        assert computer.graphics(case(tmp_path, facts)).verdict is Verdict.SKIPPED


def test_what_was_dropped_is_named_without_its_value() -> None:
    outcome = computer.switches({"QT_SCALE_FACTOR": "2", "HOME": "/x"}, ("QTWEBENGINE_REMOTE_DEBUGGING",))
    assert outcome.verdict is Verdict.WARNING
    assert "QTWEBENGINE_REMOTE_DEBUGGING" in outcome.said
    assert "QT_SCALE_FACTOR" in outcome.detail
    assert "HOME" not in outcome.detail


def test_nothing_was_dropped() -> None:
    assert computer.switches({}, ()).verdict is Verdict.FINE
