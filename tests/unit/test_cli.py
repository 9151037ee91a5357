import subprocess
import sys
from pathlib import Path

import pytest

from console import __version__, cli, environment, menu_entry
from console.demo import run as demo_run
from console.problem import Problem

HEAVY = ("PySide6", "requests", "keyring", "cryptography", "msgspec", "logging")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == __version__


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--password", "hunter2"])
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_problem_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> None:
        raise Problem("It does not work.", "Do this.", "detail")

    monkeypatch.setattr(environment, "refuse_root", refuse)
    assert cli.main([]) == 1
    assert capsys.readouterr().err == "It does not work.\nDo this.\ndetail\n"


def test_the_launcher_is_added_and_taken_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def add() -> Path:
        done.append("added")
        return Path("/somewhere/it.desktop")

    monkeypatch.setattr(menu_entry, "add", add)
    monkeypatch.setattr(menu_entry, "remove", lambda: done.append("removed"))
    assert cli.main(["--add-to-menu"]) == 0
    assert "it.desktop" in capsys.readouterr().out
    assert cli.main(["--remove-from-menu"]) == 0
    assert done == ["added", "removed"]


def test_nothing_heavy_is_imported_to_answer_a_simple_question() -> None:
    source = (
        "import sys; from console import cli\n"
        "try: cli.main(['--version'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", source], cwd=Path(cli.__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [__version__, "[]"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str]]:
    """What demos were started with, instead of starting them."""
    found: list[tuple[Path | None, str]] = []

    def run(tour: Path | None, *, debug: bool, search: str) -> int:
        found.append((tour, search))
        return 0

    monkeypatch.setattr(environment, "refuse_root", lambda _: None)
    monkeypatch.setattr(demo_run, "run", run)
    return found


def test_a_search_is_handed_on(started: list[tuple[Path | None, str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--demo", "--search=-server client:acme"]) == 0
    assert started == [(None, "-server client:acme")]
    assert capsys.readouterr().err == ""


def test_what_is_not_understood_of_a_search_is_said_and_the_console_starts(
    started: list[tuple[Path | None, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--demo", "--search", "acme is:onl"]) == 0
    assert started == [(None, "acme is:onl")]
    assert capsys.readouterr().err == "--search: “onl” is not a state. Did you mean is:online?\n"
