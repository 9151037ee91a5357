"""The host key: which keys can be it, what they are called, and how each platform numbers them.

What Qt hands on as native codes: on X11 and Wayland `nativeVirtualKey` is the key symbol (X11/keysymdef.h), so that a
changed keyboard map is followed; on Windows `nativeScanCode` is the scan code with 0x100 for an extended key, and the
virtual key does not tell left from right; on macOS `nativeVirtualKey` is the virtual key code (Carbon's Events.h).
"""

import sys
from enum import StrEnum

import msgspec


class HostKey(StrEnum):
    """The values are what the preferences keep."""

    RIGHT_CTRL = "right-ctrl"
    RIGHT_ALT = "right-alt"
    RIGHT_SUPER = "right-super"
    MENU = "menu"
    SCROLL_LOCK = "scroll-lock"
    PAUSE = "pause"
    F12 = "f12"

    @classmethod
    def of(cls, kept: str) -> "HostKey":
        """The key that the preferences name; Right Ctrl for anything else."""
        return next((key for key in cls if key.value == kept), cls.RIGHT_CTRL)

    def title(self, system: str = sys.platform) -> str:
        """What stands on the key. `system` is as sys.platform."""
        return _KEYS[self].titles.get(system, _KEYS[self].title)

    def matches(self, scan_code: int, virtual_key: int, system: str = sys.platform) -> bool:
        """Whether a key event with these native codes is of this key."""
        codes = _KEYS[self]
        if system == "win32":
            return scan_code & 0x1FF == codes.windows
        if system == "darwin":
            return virtual_key == codes.macos
        return virtual_key in codes.symbols


class _Codes(msgspec.Struct, frozen=True):
    title: str
    titles: dict[str, str]
    symbols: tuple[int, ...]
    windows: int
    macos: int


_KEYS = {
    HostKey.RIGHT_CTRL: _Codes("Right Ctrl", {"darwin": "Right Control"}, (0xFFE4,), 0x11D, 0x3E),
    # The second symbol is that of layouts where this key makes the third character of a key.
    HostKey.RIGHT_ALT: _Codes("Right Alt (AltGr)", {"darwin": "Right Option"}, (0xFFEA, 0xFE03), 0x138, 0x3D),
    HostKey.RIGHT_SUPER: _Codes(
        "Right Super", {"win32": "Right Win", "darwin": "Right Command"}, (0xFFEC, 0xFFE8), 0x15C, 0x36
    ),
    HostKey.MENU: _Codes("Menu", {}, (0xFF67,), 0x15D, 0x6E),
    HostKey.SCROLL_LOCK: _Codes("Scroll Lock", {"darwin": "F14"}, (0xFF14,), 0x46, 0x6B),
    HostKey.PAUSE: _Codes("Pause", {"darwin": "F15"}, (0xFF13,), 0x45, 0x71),
    HostKey.F12: _Codes("F12", {}, (0xFFC9,), 0x58, 0x6F),
}
