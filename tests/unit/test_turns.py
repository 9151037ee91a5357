import threading
import time

from console import turns


def test_work_waits_while_the_window_draws() -> None:
    steps: list[int] = []

    def work() -> None:
        for number in range(3):
            turns.give_way()
            steps.append(number)

    thread = threading.Thread(target=work)
    with turns.drawing():
        thread.start()
        time.sleep(0.05)
        with turns.drawing():
            assert steps == []
        assert steps == []
    thread.join(10)
    assert steps == [0, 1, 2]


def test_nobody_waits_for_nothing() -> None:
    turns.give_way()
