import subprocess
import sys
from pathlib import Path

PROGRAM = """
import inspect
from console.ui import quick_imports
read = []
usual = inspect.getsource
inspect.getsource = lambda module: read.append(module) or usual(module)
if {used}:
    quick_imports.use()
import PySide6.QtCore, PySide6.QtGui
import console.ui.agents.model
print(any(getattr(module, "__name__", "").startswith("console.") for module in read))
"""


def sources_read(used: bool) -> str:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", PROGRAM.format(used=used)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_no_source_is_read_for_an_import() -> None:
    """When the first line fails, PySide6 does not do it any more and the workaround can go."""
    assert sources_read(False) == "True"
    assert sources_read(True) == "False"
