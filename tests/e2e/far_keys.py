"""Who notes every key that is pressed and released on the far display, whatever window and window manager are there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.demo.desktop import SharedDesktop
from tests.e2e.far_end import until

# It grabs the keyboard, so that the window manager there acts on none of the keys. Symbols of X11 are characters of
# Latin-1, of Unicode (with bit 24), or have a name. An event of X11 is 192 bytes; type 2 is a press, 3 a
# release, 34 a change of the keyboard's map (the agent makes one for a character that no key has).
_WATCHER = """
import ctypes, sys
x = ctypes.CDLL("libX11.so.6")
for name in ("XOpenDisplay", "XDefaultRootWindow", "XKeysymToString"):
    getattr(x, name).restype = ctypes.c_void_p
x.XKeysymToString.argtypes = [ctypes.c_ulong]
display = ctypes.c_void_p(x.XOpenDisplay(None))
root = ctypes.c_ulong(x.XDefaultRootWindow(display))
taken = x.XGrabKeyboard(display, root, 0, 1, 1, ctypes.c_ulong(0))
file = open(sys.argv[1], "w", buffering=1)
print("watching" if taken == 0 else "not watching", file=file)
event = ctypes.create_string_buffer(192)
text, symbol = ctypes.create_string_buffer(32), ctypes.c_ulong()
while True:
    x.XNextEvent(display, event)
    kind = ctypes.c_int.from_buffer(event).value
    if kind == 34:
        x.XRefreshKeyboardMapping(event)
    elif kind in (2, 3):
        x.XLookupString(event, text, 32, ctypes.byref(symbol), None)
        number = symbol.value
        if number >> 24 == 1 or 0x20 < number < 0x100 or number == 0x20AC:
            words = chr(number & 0xFFFFFF)
        else:
            words = ctypes.string_at(x.XKeysymToString(symbol)).decode()
        print("+" if kind == 2 else "-", words, sep="", file=file)
"""


class FarKeys:
    """What was noted: "+F5" for a press and "-F5" for a release, by the names that X11 gives its key
    symbols, or by the characters that they stand for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def all(self) -> list[str]:
        return self._file.read_text("utf-8").splitlines()[1:]

    @property
    def presses(self) -> list[str]:
        return [line[1:] for line in self.all if line.startswith("+")]


@contextmanager
def far_keys(desktop: SharedDesktop, file: Path) -> Iterator[FarKeys]:
    """Notes the keys into a file while it is entered."""
    file.unlink(missing_ok=True)
    environment = {**os.environ, **desktop.environment}
    process = subprocess.Popen([sys.executable, "-c", _WATCHER, str(file)], env=environment)
    try:
        assert until(lambda: file.exists() and file.read_text("utf-8").startswith("watching")), (
            "nobody watches the keys"
        )
        yield FarKeys(file)
    finally:
        process.terminate()
        process.wait(10)
