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
    memory.give_back()  # what tests before this one have left free: the blocks would lie there
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


class Thing:
    """Notes on which thread it is destroyed."""

    def __init__(self, destroyed_on: list[str]) -> None:
        self.itself = self
        self._destroyed_on = destroyed_on

    def __del__(self) -> None:
        self._destroyed_on.append(threading.current_thread().name)


@pytest.mark.parametrize("by_hand", [True, False])
def test_garbage_is_destroyed_on_the_window_s_thread_only(by_hand: bool) -> None:
    """By hand it is; left to Python, it would be destroyed on the thread that works."""
    destroyed_on: list[str] = []
    kept: list[list[int]] = []

    def work() -> None:
        kept.extend([number] for number in range(200_000))
        with memory.nothing_collected():
            kept.extend([number] for number in range(1000))
        kept.extend([number] for number in range(200_000))

    gc.collect()
    memory.by_hand(by_hand)
    try:
        Thing(destroyed_on)
        worker = threading.Thread(target=work, name="worker")
        worker.start()
        worker.join()
        found = list(destroyed_on)
        memory.look_for_garbage()
    finally:
        memory.by_hand(False)
    assert gc.isenabled()
    assert found == ([] if by_hand else ["worker"])
    assert destroyed_on == (["MainThread"] if by_hand else ["worker"])


def test_what_python_would_look_through_is_looked_through_in_time() -> None:
    gc.collect()
    memory.by_hand(True)
    looked: list[int] = []
    note = lambda phase, info: looked.append(info["generation"]) if phase == "start" else None  # noqa: E731
    gc.callbacks.append(note)
    try:
        memory.look_for_garbage()
        assert looked == [], "nothing is due yet"
        kept = []
        for _ in range(150):
            kept += [[number] for number in range(1000)]
            memory.look_for_garbage()
    finally:
        gc.callbacks.remove(note)
        memory.by_hand(False)
    assert {0, 1, 2} == set(looked)
    assert looked.count(0) > looked.count(1) > looked.count(2)
