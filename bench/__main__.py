"""`python3 dev.py bench [NAME …] [--json FILE]`: measures, prints a table, and writes the rows as JSON."""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import dev
from bench import rows
from bench.rows import Row

# Each is measured in a process of its own, so that none finds warm what another has warmed.
MODULES = {
    "open_terminal": "bench.opening",
    "open_control": "bench.opening",
    "start_to_list": "bench.starting",
    "filter_key": "bench.filtering",
    "refresh_stall": "bench.refreshing",
    "memory_idle": "bench.idle",
    "memory_per_session": "bench.memory",
    "twenty_sessions": "bench.many",
}
STARTS = {"memory_idle": 5, "twenty_sessions": 3}
"""What a process can be asked only once is measured in several, one after the other."""


def main() -> int:
    parser = argparse.ArgumentParser("bench", description="Measures the console. Without a name: everything.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODULES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there")
    parser.add_argument("--here", type=Path, metavar="FILE", help=argparse.SUPPRESS)  # in this very process
    options = parser.parse_args()
    if unknown := set(options.names) - set(MODULES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    if options.here:
        measure: Callable[[], list[Row]] = getattr(importlib.import_module(MODULES[options.names[0]]), options.names[0])
        rows.save(measure(), options.here)
        return 0
    measured: list[Row] = []
    failed: list[str] = []
    with dev.display_in_memory() as display, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **display, "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        for name in options.names or MODULES:
            print(f"Measuring {name} …", flush=True)
            found: list[Row] = []
            for number in range(STARTS.get(name, 1)):
                file = Path(folder, f"{name}-{number}")
                command = [sys.executable, "-m", "bench", name, "--here", str(file)]
                if subprocess.run(command, env=environment, check=False).returncode:
                    failed.append(name)
                    break
                found += rows.load(file)
            else:
                measured += rows.together(found)
    print("\n" + rows.table(measured))
    if options.json:
        rows.save(measured, options.json)
    if failed:
        print(f"Not measured: {', '.join(failed)}. The reason is above.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
