"""Colours the background of an X display: three requests of the X11 protocol, so that no further program is needed."""

import socket
import struct
import sys

_CHANGE_WINDOW_ATTRIBUTES, _CLEAR_AREA, _GET_INPUT_FOCUS = 2, 61, 43
_BACK_PIXEL = 0x2
_SCHEME = b"MIT-MAGIC-COOKIE-1"


def paint(display_number: int, cookie: bytes, colour: int) -> None:
    """Makes the root window of a local 24-bit display `colour` (0xRRGGBB).

    `cookie` is the display's 16-byte key. Raises OSError when the display does not answer or refuses.
    """
    if sys.platform == "win32":
        raise OSError("there is no X display on Windows")
    hello = struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(_SCHEME), len(cookie))
    with socket.socket(socket.AF_UNIX) as display:
        display.settimeout(10)
        display.connect(f"/tmp/.X11-unix/X{display_number}")  # noqa: S108 - where X servers listen
        display.sendall(hello + _padded(_SCHEME) + _padded(cookie))
        status, length = struct.unpack("<BxHHH", _exactly(display, 8))[0::3]
        answer = _exactly(display, length * 4)
        if status != 1:
            raise ConnectionRefusedError("the display refused its key")
        vendor, formats = struct.unpack_from("<16xHxxBB", answer)[0::2]
        (root,) = struct.unpack_from("<I", answer, 32 + (vendor + 3) // 4 * 4 + formats * 8)
        display.sendall(struct.pack("<BxHIII", _CHANGE_WINDOW_ATTRIBUTES, 4, root, _BACK_PIXEL, colour))
        display.sendall(struct.pack("<BxHIhhHH", _CLEAR_AREA, 4, root, 0, 0, 0, 0))
        # Answered when the two before it were done.
        display.sendall(struct.pack("<BxH", _GET_INPUT_FOCUS, 1))
        if _exactly(display, 32)[0] != 1:
            raise OSError("the display refused to change its background")


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = source.recv(size - len(data))
        if not more:
            raise ConnectionError("the display closed the connection")
        data += more
    return data
