import gc
import sys
import threading

import psutil
import pytest

from console import memory

_BLOCK = 20_000
"""Bytes: small enough to lie in the heap and not in a mapping of its own."""


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc's heap")
def test_what_was_freed_goes_back_to_the_system() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    blocks = [bytearray(_BLOCK) for _ in range(6_000)]
    last = bytearray(_BLOCK)  # above all others: without it the heap would shrink by itself
    grown = process.memory_info().rss - before
    assert grown > 80_000_000
    del blocks
    memory.give_back()
    assert process.memory_info().rss - before < grown / 4
    assert len(last) == _BLOCK


def test_no_garbage_is_looked_for_during_large_work_also_on_two_threads() -> None:
    inside, leave = threading.Event(), threading.Event()

    def work() -> None:
        with memory.nothing_collected():
            inside.set()
            leave.wait(30)

    other = threading.Thread(target=work)
    with memory.nothing_collected():
        other.start()
        assert inside.wait(30)
        assert not gc.isenabled()
    assert not gc.isenabled(), "the other goes on"
    leave.set()
    other.join()
    assert gc.isenabled()


def test_work_during_the_start_leaves_it_to_the_start() -> None:
    memory.begin_start()
    with memory.nothing_collected():
        pass
    assert not gc.isenabled()
    memory.end_start()
    assert gc.isenabled()
    gc.unfreeze()


def test_no_garbage_is_looked_for_while_the_console_starts() -> None:
    memory.begin_start()
    try:
        assert not gc.isenabled()
    finally:
        memory.end_start()
    assert gc.isenabled()
    assert gc.get_freeze_count()
    gc.unfreeze()
