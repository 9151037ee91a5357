"""What is built is what people install: the wheel, the source archive and the editable install."""

import os
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from console import __version__
from console.assets import APP_ID

ROOT = Path(__file__).resolve().parents[2]
SHARED = f"technician_console-{__version__}.data/data/share"
ASK = f"""
import console, console.assets as assets
print(console.__file__)
print(assets.path("{APP_ID}.svg"))
print(len(assets.text("{APP_ID}.desktop")))
"""


def built(kind: str, source: Path, folder: Path) -> Path:
    """Builds with the hatchling of this environment: nothing is downloaded."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder], cwd=source, check=True)
    (file,) = folder.iterdir()
    return file


def installed(wheel: Path, folder: Path) -> Path:
    options = ["-qq", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(command, check=True, env={**os.environ, "PIP_USER": "0"})
    return folder


def asked(code: str, folder: Path, cwd: Path) -> list[str]:
    """What `code` prints when `folder` is the first place where packages are, paths of .pth files included."""
    before = (
        f"import site, sys; rest = sys.path[:]; sys.path.clear(); site.addsitedir({str(folder)!r}); sys.path += rest"
    )
    command = [sys.executable, "-P", "-c", f"{before}\n{code}"]
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_code_resources_and_what_desktops_want(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    resources = {
        file.relative_to(ROOT / "resources").as_posix() for file in (ROOT / "resources").rglob("*") if file.is_file()
    }
    assert {f"console/resources/{name}" for name in resources} <= names
    assert {
        "console/app.py",
        "console/cli.py",
        f"{SHARED}/applications/{APP_ID}.desktop",
        f"{SHARED}/metainfo/{APP_ID}.metainfo.xml",
        f"{SHARED}/icons/hicolor/scalable/apps/{APP_ID}.svg",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "resources/", "dev"))]


def test_the_command_of_the_wheel_starts_the_console(wheel: Path, tmp_path: Path) -> None:
    folder = installed(wheel, tmp_path / "site")
    points = ConfigParser()
    points.read(folder / f"technician_console-{__version__}.dist-info" / "entry_points.txt")
    assert points["gui_scripts"]["technician-console"] == "console.cli:main"
    code = "import console.cli; print(console.cli.__file__, callable(console.cli.main))"
    assert asked(code, folder, tmp_path) == [f"{folder / 'console' / 'cli.py'} True"]


def test_resources_are_found_in_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    folder = installed(wheel, tmp_path / "site")
    package, icon, length = asked(ASK, folder, tmp_path)
    assert Path(package) == folder / "console" / "__init__.py"
    assert Path(icon) == folder / "console" / "resources" / f"{APP_ID}.svg"
    assert int(length) > 0


def test_resources_are_found_in_an_editable_install(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    code = f"from hatchling.build import build_editable; build_editable({str(wheels)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    (editable,) = wheels.iterdir()
    package, icon, length = asked(ASK, installed(editable, tmp_path / "site"), tmp_path)
    assert Path(package) == ROOT / "console" / "__init__.py"
    assert Path(icon) == ROOT / "resources" / f"{APP_ID}.svg"
    assert int(length) > 0


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    again = built("wheel", source, tmp_path / "again")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())
    for name in ("dev.py", "requirements.lock", "tests/packaging/test_wheel.py", "README.md"):
        assert (source / name).is_file(), name
