import pytest
from PySide6.QtCore import Qt

from console.ui.keyboard.dead_keys import DeadKeys

_Key = Qt.Key
ACUTE, CIRCUMFLEX, SHIFT = _Key.Key_Dead_Acute.value, _Key.Key_Dead_Circumflex.value, _Key.Key_Shift.value


@pytest.mark.parametrize(
    ("dead", "key", "text", "wanted"),
    [
        (ACUTE, _Key.Key_E, "e", "é"),
        (ACUTE, _Key.Key_E, "E", "É"),
        (CIRCUMFLEX, _Key.Key_O, "o", "ô"),
        (_Key.Key_Dead_Diaeresis.value, _Key.Key_Y, "y", "ÿ"),
        (_Key.Key_Dead_Caron.value, _Key.Key_S, "s", "š"),
        (_Key.Key_Dead_Cedilla.value, _Key.Key_C, "c", "ç"),
        (_Key.Key_Dead_Tilde.value, _Key.Key_Space, " ", "~"),
        (CIRCUMFLEX, _Key.Key_Space, " ", "^"),
        (ACUTE, _Key.Key_X, "x", None),
        (ACUTE, _Key.Key_Return, "\r", None),
        (ACUTE, _Key.Key_F5, "", None),
        (ACUTE, _Key.Key_Udiaeresis, "ü", "ǘ"),
    ],
)
def test_an_accent_and_a_letter(dead: int, key: Qt.Key, text: str, wanted: str | None) -> None:
    keys = DeadKeys()
    assert keys.press(dead, "") is None
    assert keys.press(key.value, text) == wanted
    assert keys.press(_Key.Key_E.value, "e") is None


def test_the_same_accent_twice_is_the_accent_itself() -> None:
    keys = DeadKeys()
    assert [keys.press(CIRCUMFLEX, ""), keys.press(CIRCUMFLEX, ""), keys.press(_Key.Key_E.value, "e")] == [
        None,
        "^",
        None,
    ]


def test_another_accent_takes_the_place_of_the_first() -> None:
    keys = DeadKeys()
    assert [keys.press(ACUTE, ""), keys.press(CIRCUMFLEX, ""), keys.press(_Key.Key_E.value, "e")] == [None, None, "ê"]


def test_shift_may_come_between_and_a_change_of_focus_may_not() -> None:
    keys = DeadKeys()
    keys.press(ACUTE, "")
    assert [keys.press(SHIFT, ""), keys.press(_Key.Key_A.value, "A")] == [None, "Á"]
    keys.press(ACUTE, "")
    keys.forget()
    assert keys.press(_Key.Key_A.value, "a") is None
