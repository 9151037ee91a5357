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


def printed(program: str, *, used: bool) -> str:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", program.format(used=used)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_no_source_is_read_for_an_import() -> None:
    """When the first line fails, PySide6 does not do it any more and the workaround can go."""
    assert printed(PROGRAM, used=False) == "True"
    assert printed(PROGRAM, used=True) == "False"


KEYRING = """
import sys
from console.ui import quick_imports
quick_imports.use()
import keyring.backend
print("lazy_importer" in sys.modules)
"""


def test_the_keyring_s_library_puts_no_hook_beside_that_of_pyside6() -> None:
    """It is loaded on a thread: two that replace Python's import over each other call each other without end."""
    assert printed(KEYRING, used=True) == "False"
