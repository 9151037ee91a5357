"""Accents that are typed before their letter, on X11 and Wayland.

There the input method puts them together, but only in a text field: the picture of a remote desktop is none, and it
would get the bare letter.
"""

import unicodedata

from PySide6.QtCore import Qt

_Key = Qt.Key
# The combining character of each dead key, and the character that it makes with the space bar.
_ACCENTS = {
    _Key.Key_Dead_Grave: ("\u0300", "`"),
    _Key.Key_Dead_Acute: ("\u0301", "´"),
    _Key.Key_Dead_Circumflex: ("\u0302", "^"),
    _Key.Key_Dead_Tilde: ("\u0303", "~"),
    _Key.Key_Dead_Macron: ("\u0304", "¯"),
    _Key.Key_Dead_Breve: ("\u0306", "˘"),
    _Key.Key_Dead_Abovedot: ("\u0307", "˙"),
    _Key.Key_Dead_Diaeresis: ("\u0308", "¨"),
    _Key.Key_Dead_Hook: ("\u0309", "\u0309"),
    _Key.Key_Dead_Abovering: ("\u030a", "°"),
    _Key.Key_Dead_Doubleacute: ("\u030b", "˝"),
    _Key.Key_Dead_Caron: ("\u030c", "ˇ"),
    _Key.Key_Dead_Horn: ("\u031b", "\u031b"),
    _Key.Key_Dead_Belowdot: ("\u0323", "\u0323"),
    _Key.Key_Dead_Cedilla: ("\u0327", "¸"),
    _Key.Key_Dead_Ogonek: ("\u0328", "˛"),
}
_MODIFIERS = frozenset(
    {_Key.Key_Shift, _Key.Key_Control, _Key.Key_Alt, _Key.Key_AltGr, _Key.Key_Meta, _Key.Key_CapsLock}
)


class DeadKeys:
    """Follows the presses of keys, one after the other."""

    def __init__(self) -> None:
        self._dead: int | None = None

    def press(self, key: int, text: str) -> str | None:
        """The character that this press makes with the dead key before it; None when it is what it is.

        `key` is a Qt.Key and `text` what the key types by itself.
        """
        if key in _MODIFIERS:
            return None
        dead, self._dead = self._dead, None
        accent = _ACCENTS.get(_Key(dead)) if dead is not None else None
        if key in _ACCENTS:
            if accent and key == dead:
                return accent[1]
            self._dead = key
            return None
        if accent is None:
            return None
        if text == " ":
            return accent[1]
        together = unicodedata.normalize("NFC", text + accent[0])
        return together if text.isalpha() and len(together) == 1 else None

    def forget(self) -> None:
        """Another window or widget has the keyboard now."""
        self._dead = None
