"""Rules of the house that import-linter cannot see: it takes PySide6 as one name."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "console"
WEB = ("console", "mesh", "web")
MOST_LINES = 450


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(file: Path) -> tuple[str, ...]:
    return file.relative_to(PACKAGE.parent).with_suffix("").parts


def imports(source: str) -> set[str]:
    """Every module and every name that a source imports, with dots, wherever in the source it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize(
    "source",
    [
        "from PySide6.QtWebEngineCore import QWebEnginePage",
        "from PySide6 import QtCore, QtWebEngineWidgets",
        "def later():\n    import PySide6.QtWebEngineQuick as quick",
    ],
)
def test_every_way_of_importing_the_web_engine_is_seen(source: str) -> None:
    assert any(name.startswith("PySide6.QtWebEngine") for name in imports(source))


def test_the_web_engine_is_imported_in_mesh_web_only() -> None:
    users = {
        name_of(file)
        for file in modules()
        if any(name.startswith("PySide6.QtWebEngine") for name in imports(file.read_text(encoding="utf-8")))
    }
    assert {name for name in users if name[:3] != WEB} == set()
    assert users, "mesh.web imports it, so something is wrong with the search"


def test_the_plain_part_of_mesh_does_not_import_the_page() -> None:
    plain = [file for file in modules() if name_of(file)[:2] == WEB[:2] and name_of(file)[:3] != WEB]
    assert plain
    for file in plain:
        assert not any((name + ".").startswith("console.mesh.web.") for name in imports(file.read_text("utf-8"))), file


def test_imports_are_absolute() -> None:
    for file in modules():
        assert not any(name.startswith(".") for name in imports(file.read_text(encoding="utf-8"))), file


def test_no_module_has_outgrown_the_house() -> None:
    too_long = {name_of(file) for file in modules() if len(file.read_text(encoding="utf-8").splitlines()) > MOST_LINES}
    assert too_long == set()
