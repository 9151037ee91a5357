import configparser
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import menu_entry
from console.assets import APP_ID
from console.menu_entry import MenuEntryProblem


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Linux with a data folder of its own; returns that folder."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def exec_of(entry: str) -> list[str]:
    """Reads Exec back as the specification has a desktop do it: first the string's escapes, then the quoting."""
    (value,) = (line.removeprefix("Exec=") for line in entry.splitlines() if line.startswith("Exec="))
    plain = _unescaped(value, {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "s": " "})
    arguments: list[str] = []
    position = 0
    while position < len(plain):
        if plain[position] == '"':
            argument = ""
            position += 1
            while plain[position] != '"':
                position += plain[position] == "\\"
                argument += plain[position]
                position += 1
            position += 1
        else:
            end = plain.find(" ", position)
            end = len(plain) if end < 0 else end
            argument = plain[position:end]
            assert not set(argument) & set("\t\n\"'\\><~|&;$*?#()`"), "reserved characters stand in quotes"
            position = end
        assert position == len(plain) or plain[position] == " "
        position += 1
        assert "%" not in argument.replace("%%", ""), "no field code"
        arguments.append(argument.replace("%%", "%"))
    return arguments


def _unescaped(value: str, meanings: dict[str, str]) -> str:
    characters = iter(value)
    return "".join(meanings[next(characters)] if character == "\\" else character for character in characters)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r"), min_size=1), min_size=1
    )
)
def test_every_command_line_is_read_back_as_it_was(arguments: list[str]) -> None:
    assert exec_of(menu_entry.desktop_entry(arguments)) == arguments


def test_the_characters_that_paths_are_feared_for() -> None:
    path = r"""/home/o'neill "x"/100% $HOME `id` \\srv\bin/technician-console"""
    assert exec_of(menu_entry.desktop_entry([path])) == [path]


def test_entry_and_icon_are_written_and_removed(linux: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "my bin" / "technician-console"
    script.parent.mkdir()
    script.touch()
    monkeypatch.setattr(sys, "argv", [str(script), "--add-to-menu"])

    file = menu_entry.add()

    assert file == linux / "applications" / f"{APP_ID}.desktop"
    read = configparser.RawConfigParser()
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(file, encoding="utf-8")
    entry = read["Desktop Entry"]
    assert exec_of(file.read_text(encoding="utf-8")) == [str(script)]
    assert entry["TryExec"] == str(script)
    assert entry["Icon"] == APP_ID
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    icon = linux / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg"
    assert "<svg" in icon.read_text(encoding="utf-8")
    assert sorted(path.name for path in linux.rglob("*") if path.is_file()) == [file.name, icon.name]

    assert menu_entry.remove()
    assert not any(path.is_file() for path in linux.rglob("*"))
    assert not menu_entry.remove()


def test_adding_again_replaces_the_entry(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu_entry, "command", lambda: ["/old/technician-console"])
    menu_entry.add()
    monkeypatch.setattr(menu_entry, "command", lambda: ["/new/technician-console"])
    assert exec_of(menu_entry.add().read_text(encoding="utf-8")) == ["/new/technician-console"]


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-validate is not installed")
def test_the_written_entry_is_valid(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu_entry, "command", lambda: [r'/a b/"c"/\d/$e', "-m", "console"])
    done = subprocess.run(["desktop-file-validate", menu_entry.add()], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_relative_data_folder_is_ignored(linux: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert menu_entry.add().is_relative_to(tmp_path / "home" / ".local" / "share")


def test_a_folder_that_cannot_be_written_is_named(linux: Path) -> None:
    linux.write_text("a file where a folder should be")
    with pytest.raises(MenuEntryProblem) as caught:
        menu_entry.add()
    assert str(linux) in caught.value.detail


def test_the_command_is_the_script_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tmp_path / "venv" / "technician-console"
    real.parent.mkdir()
    real.touch()
    link = tmp_path / "technician-console"
    link.symlink_to(real)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["technician-console"])
    assert menu_entry.command() == [str(link)]


def test_the_command_without_a_script_is_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [os.fspath(Path(menu_entry.__file__).with_name("__main__.py"))])
    assert menu_entry.command() == [sys.executable, "-m", "console"]


def test_windows_gets_a_shortcut_and_its_paths_never_become_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "'; Remove-Item C:\\" / "technician-console.exe"
    program.parent.mkdir()
    program.touch()
    calls: list[tuple[list[str], dict[str, str]]] = []

    def run(arguments: list[str], *, env: dict[str, str], **_: object) -> None:
        calls.append((arguments, env))
        Path(env["CONSOLE_LINK"]).touch()

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "argv", [str(program.with_suffix(""))])  # the launcher of pip takes .exe away
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setattr(subprocess, "run", run)

    link = menu_entry.add()

    ((arguments, env),) = calls
    assert link.parts[-4:] == ("Windows", "Start Menu", "Programs", "Technician Console.lnk")
    assert env["CONSOLE_PROGRAM"] == str(program)
    assert env["CONSOLE_ARGUMENTS"] == ""
    assert not any(str(tmp_path) in argument for argument in arguments)
    assert menu_entry.remove()
    assert not link.exists()


def test_windows_without_the_script_host_is_worded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(arguments: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, arguments[:1], stderr=b"ActiveX is disabled")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(MenuEntryProblem) as caught:
        menu_entry.add()
    assert "ActiveX is disabled" in caught.value.detail


def test_macos_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(MenuEntryProblem) as caught:
        menu_entry.add()
    assert "technician-console" in caught.value.advice
