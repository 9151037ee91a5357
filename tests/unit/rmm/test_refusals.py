import pytest

from console.rmm.refusals import WrongCode


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (3601.2, "is 60 minutes ahead of"),
        (3599.0, "is 60 minutes ahead of"),
        (-300.4, "is 5 minutes behind"),
        (-86_400.0, "is 24 hours behind"),
    ],
)
def test_a_difference_of_clocks_is_told_in_whole_minutes(ahead: float, words: str) -> None:
    assert words in WrongCode("api.example.com", ahead, "").advice
