"""`python3 dev.py soak`: a technician's day, compressed, and what the console weighs after each tenth of it.

It may be interrupted at any time: what was done is in a file, and the next start goes on after the last whole part. The
memory of the console's processes cannot go on with it: each process is judged by its own weight after its first part.
"""

import argparse
import contextlib
import faulthandler
import signal
import sys
from pathlib import Path

from bench.near_side import NearSide
from console.vault.store import open_vault
from tests.e2e.surroundings import Surroundings
from tests.soak import record
from tests.soak.day import Day
from tests.soak.far_side import FarSide
from tests.soak.record import Plan

_MOST = 1.10
_USUAL = Plan()


def main() -> int:
    parser = argparse.ArgumentParser("soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in Plan.__struct_fields__:
        parser.add_argument(f"--{name}", type=int, default=getattr(_USUAL, name), metavar="NUMBER")
    parser.add_argument("--most", type=float, default=_MOST, help="memory at the end, in first parts' (%(default)s)")
    parser.add_argument("--record", type=Path, default=Path(".soak/day.json"), metavar="FILE", help="%(default)s")
    parser.add_argument("--anew", action="store_true", help="begins again, whatever the record says")
    options = parser.parse_args()
    plan = Plan(*(getattr(options, name) for name in Plan.__struct_fields__))
    if options.anew:
        options.record.unlink(missing_ok=True)
    record_file = options.record.resolve()
    if sys.platform != "linux":
        sys.exit("The soak reads /proc, and its display is one of X11: it runs on Linux only.")
    faulthandler.enable()
    faulthandler.register(signal.SIGTRAP, chain=True)  # how Chromium ends a process in which something cannot be
    kept = record.load(record_file, plan)
    if kept.done:
        print(f"Going on after {kept.done} of {plan.parts} parts: {record_file}", flush=True)
    _go_on(kept, record_file)
    found = record.faults(kept, options.most)
    print("\n" + record.table(kept))
    print("\n" + ("\n".join(found) if found else "Nothing was left behind."))
    return 1 if found else 0


def _go_on(kept: record.Record, file: Path) -> None:
    """Does the parts that are left."""
    with contextlib.ExitStack() as stack:
        far = stack.enter_context(FarSide(kept.plan.agents))
        surroundings = stack.enter_context(Surroundings())
        stack.callback(lambda: near.app.qt.shutdown())  # it must not outlast its display
        near = stack.enter_context(NearSide(far.ready, vault=open_vault))
        day = Day(far, near, surroundings.folder, kept.troubles)
        kept.stretches.append([])
        for number in range(kept.done, kept.plan.parts):
            weight = day.part(kept.plan.share(number))
            kept.stretches[-1].append(weight)
            record.save(kept, file)
            minutes = weight.seconds / 60
            print(f"{kept.done} of {kept.plan.parts}: {weight.memory:.0f} MB, {minutes:.1f} minutes", flush=True)


if __name__ == "__main__":
    sys.exit(main())
