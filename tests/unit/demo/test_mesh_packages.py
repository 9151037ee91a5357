import json
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from console.demo import mesh_packages
from console.demo import node as nodejs
from console.problem import Problem

WORKS = "open('node_modules', 'w').close(); open('../runs', 'a').write('x')"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "meshcentral"
    monkeypatch.setattr(mesh_packages, "folder", lambda: folder)
    return folder


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes npm a Python program given as text; it runs in the folder that is installed to."""

    def use(program: str) -> None:
        node = nodejs.Node(Path(sys.executable), (sys.executable, "-c", program), (20, 0, 0))
        monkeypatch.setattr(nodejs, "required", lambda: node)

    return use


def test_it_installs_once(cache: Path, npm: Callable[[str], None]) -> None:
    npm(WORKS)
    said: list[str] = []
    assert mesh_packages.installed() is None
    assert mesh_packages.install(said.append) == cache
    assert mesh_packages.installed() == cache
    assert mesh_packages.install(said.append) == cache
    assert (cache.parent / "runs").read_text() == "x"
    assert said[-1] == "MeshCentral is installed."


def test_what_npm_left_half_done_is_done_again(cache: Path, npm: Callable[[str], None]) -> None:
    npm("open('half', 'w').close(); raise SystemExit(1)")
    with pytest.raises(Problem, match="status 1"):
        mesh_packages.install(print)
    assert (cache / "half").exists()
    assert mesh_packages.installed() is None
    npm(WORKS)
    mesh_packages.install(print)
    assert not (cache / "half").exists()


def test_two_at_once_run_npm_once(cache: Path, npm: Callable[[str], None]) -> None:
    npm("import time; time.sleep(0.3); " + WORKS)
    said: list[str] = []
    threads = [threading.Thread(target=mesh_packages.install, args=(said.append,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (cache.parent / "runs").read_text() == "x"
    assert said.count("Another console is installing MeshCentral; waiting for it …") == 1


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("npm error code ENOTFOUND", "could not be downloaded"),
        ("npm error code ETIMEDOUT", "could not be downloaded"),
        ("npm error nospc ENOSPC: no space left on device", "disk filled up"),
        ("npm error code EACCES", "may not write"),
        ("npm error something else", "status 3"),
    ],
)
def test_what_went_wrong_is_said(npm: Callable[[str], None], output: str, words: str) -> None:
    npm(f"print({output!r}); raise SystemExit(3)")
    with pytest.raises(Problem, match=words) as raised:
        mesh_packages.install(print)
    assert output in raised.value.detail


def test_a_password_for_the_registry_is_not_repeated(npm: Callable[[str], None]) -> None:
    npm("print('npm error 401 https://user:hunter2@registry.invalid/x'); raise SystemExit(1)")
    with pytest.raises(Problem) as raised:
        mesh_packages.install(print)
    assert "registry.invalid" in raised.value.detail
    assert "hunter2" not in raised.value.report()


def test_it_can_be_stopped(cache: Path, npm: Callable[[str], None]) -> None:
    npm("import time; time.sleep(60)")
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    with pytest.raises(Problem, match="was stopped"):
        mesh_packages.install(print, cancelled)
    assert mesh_packages.installed() is None


def test_a_cache_folder_that_cannot_be_written(cache: Path, npm: Callable[[str], None]) -> None:
    npm(WORKS)
    cache.parent.rmdir()
    cache.parent.write_text("a file is in the way")
    with pytest.raises(Problem, match="could not be stored"):
        mesh_packages.install(print)


def test_a_full_disk_is_seen_before(cache: Path, npm: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    npm(WORKS)
    monkeypatch.setattr(mesh_packages, "_NEEDED_BYTES", 10**18)
    with pytest.raises(Problem, match="not enough room"):
        mesh_packages.install(print)


def test_the_command(npm: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    npm("print('npm error code ENOTFOUND'); raise SystemExit(1)")
    assert mesh_packages.main() == 1
    assert "does not reach its registry" in capsys.readouterr().err
    npm(WORKS)
    assert mesh_packages.main() == 0
    assert "MeshCentral is installed." in capsys.readouterr().out


def test_the_lock_file_names_versions_and_checksums_but_no_registry() -> None:
    packages = json.loads(mesh_packages.lock_text())["packages"]
    assert packages["node_modules/meshcentral"]["version"] == mesh_packages.VERSION
    assert packages["node_modules/archiver"]["version"] == "7.0.1"
    assert packages["node_modules/otplib"]["version"] == "12.0.1"
    assert all("integrity" in entry for name, entry in packages.items() if name)
    assert not re.search(r'"resolved"', mesh_packages.lock_text())
