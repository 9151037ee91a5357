"""What the demo's agent learns about X displays and who sits at them (Linux): the demo's own display, and no other.

A MeshCentral agent reads the list of processes and asks the log-in manager for the display whose clipboard it reads and
where it asks for consent, and as root for the one that it shares too (its modules monitor-info and user-sessions). It
would find the technician's own screen. So it gets a `ps` and a `loginctl` of the demo's making, first on its PATH, and
a `cat` that tells it that ordinary users begin at 0: it would take root for nobody, and have no clipboard.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

_PS = """#!/bin/sh
unset COLUMNS # it would cut the lines, and with them the names of the keys
{program} "$@" | awk -f '{rules}'
"""
_LOGINCTL = """#!/bin/sh
case "$1" in
list-sessions) echo " demo {uid} {user} seat0" ;;
show-session) printf 'State=active\\nDisplay={display}\\n' ;;
esac
"""
_NOBODY = "#!/bin/sh\n"
_CAT = """#!/bin/sh
case "$1" in
/etc/login.defs) echo UID_MIN 0 ;;
*) exec {program} "$@" ;;
esac
"""

# The PATH of a service, which an installed agent is. With the technician's own, a shell's start-up file could run
# their tools in the terminals, which MeshCentral starts without HOME: pyenv then made and locked folders in `/`.
_SERVICE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def only(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Writes the programs into `folder` and returns the variables that an agent needs to take them for the system's.

    `environment` holds DISPLAY and XAUTHORITY of the display, or nothing where there is none. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    display, key = environment.get("DISPLAY", ""), environment.get("XAUTHORITY", "")
    rules = folder / "ps.awk"
    # X servers are known by their option -auth. It stands in a file, or the list would hold this very program with it.
    rules.write_text(f'index($0, " -auth ") == 0{_or_holds(key)}\n', "utf-8")
    if program := shutil.which("ps"):
        _script(folder / "ps", _PS.format(program=program, rules=str(rules).replace("'", "'\\''")))
    if program := shutil.which("cat"):
        _script(folder / "cat", _CAT.format(program=program))
    session = _LOGINCTL.format(uid=_user_id(), user=os.environ.get("USER", "user"), display=display)
    _script(folder / "loginctl", session if display else _NOBODY)
    # Without a display these name none: with neither the agent would look for one.
    found = {"DISPLAY": display or ":none", "XAUTHORITY": key or os.devnull}
    return found | {"PATH": os.pathsep.join((str(folder), _SERVICE_PATH))}


def _user_id() -> int:
    if sys.platform == "win32":
        raise OSError("there are no X displays on Windows")
    return os.getuid()


def _or_holds(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f' || index($0, "{escaped}") > 0' if key else ""


def _script(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o700)
