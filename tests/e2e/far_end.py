"""The far end of a session, for tests: MeshCentral's relay without a page, and the person at the remote screen."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.demo.desktop import SharedDesktop
from console.demo.mesh_control import ControlChannel
from console.demo.mesh_local import LocalMesh
from console.demo.mesh_socket import MeshSocket
from console.secret import Secret

TERMINAL, DESKTOP, FILES = 1, 2, 5


def until(wanted: Callable[[], bool], seconds: float = 10.0, pause: float = 0.05) -> bool:
    """Waits until a condition holds; False when the time was over."""
    deadline = time.monotonic() + seconds
    while not wanted():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


class Relay(MeshSocket):
    """A terminal, desktop or file session with the agent, as mesh pages open it."""

    def __init__(self, mesh: LocalMesh, protocol: int) -> None:
        control = ControlChannel(mesh.server.port, mesh.fingerprint, mesh.link_token())
        with control:
            control.send('{"action":"authcookie"}')
            cookies = _answer(control, "authcookie")
            node, number = mesh.agent.node_id, secrets.token_hex(8)
            query = {"browser": "1", "p": str(protocol), "nodeid": node, "id": number, "auth": str(cookies["cookie"])}
            super().__init__(mesh.server.port, mesh.fingerprint, "/meshrelay.ashx?" + urllib.parse.urlencode(query))
            path = f"*/meshrelay.ashx?p={protocol}&nodeid={node}&id={number}&rauth={cookies['rcookie']}"
            tunnel = {"action": "msg", "type": "tunnel", "nodeid": node, "usage": protocol, "value": path}
            control.send(json.dumps(tunnel))
            assert self.until(lambda message: message in (b"c", b"cr")) is not None, "the agent did not come"
        if protocol == TERMINAL:
            self.send('{"ctrlChannel":"102938","type":"options","cols":80,"rows":25,"xterm":true}')
        self.send(str(protocol))

    def until(self, wanted: Callable[[bytes], bool], seconds: float = 15.0) -> bytes | None:
        """The first message that is wanted; None when none came in time or the session ended."""
        deadline = time.monotonic() + seconds
        try:
            while (message := self.receive(deadline)) is not None:
                if wanted(message):
                    return message
        except ConnectionError:
            return None
        return None

    def console_message(self, number: int, seconds: float = 15.0) -> str | None:
        """The text of the agent's next console message with this `msgid`: 1 waiting for consent, 2 refused."""

        def is_it(message: bytes) -> bool:
            return message.startswith(b"{") and json.loads(message).get("msgid") == number

        found = self.until(is_it, seconds)
        return None if found is None else str(json.loads(found)["msg"])


def answer_consent(desktop: SharedDesktop, accept: bool, seconds: float = 10.0) -> bool:
    """Clicks Yes or No in the agent's question on the remote screen until it has gone; False when it did not."""

    def question() -> list[str]:
        search = ("search", "--onlyvisible", "--class", "xmessage")
        return xdotool(desktop, *search).split()

    def answered() -> bool:
        for window in question():
            # xmessage's buttons, left to right under one line of text: No, Yes.
            button = "48" if accept else "15"
            xdotool(desktop, "windowraise", window, "mousemove", "--window", window, button, "44", "click", "1")
        return not question()

    return until(lambda: bool(question()), seconds) and until(answered, seconds, 0.2)


_READER = """#!{python}
import os, sys, tty
tty.setraw(0)
os.write(1, b"reader is ready")
if "mouse" in sys.argv:
    os.write(1, b"\\033[?1000h\\033[?1006h")
file = open(sys.argv[1], "ab", 0)
while data := os.read(0, 4096):
    file.write(data)
"""


def reader(folder: Path) -> Path:
    """A program that writes every byte that its terminal sends it into the file it is given, as it comes.

    With the word `mouse` the terminal sends it the mouse's buttons too (xterm's SGR reports).
    """
    program = folder / "reader"
    program.write_text(_READER.format(python=sys.executable), "utf-8")
    program.chmod(0o700)
    return program


@contextmanager
def far_terminal(mesh: LocalMesh, *command: str | Path) -> Iterator[tuple[int, int, int, int]]:
    """A terminal on the far display that runs a command; its inner place there: x, y, width, height."""
    assert mesh.desktop is not None
    title = f"far {secrets.token_hex(4)}"
    words = ["xterm", "-title", title, "-geometry", "60x12+420+420", "-xrm", "xterm*allowColorOps: true"]
    environment = os.environ | mesh.desktop.environment | {"HOME": str(mesh.home)}
    process = subprocess.Popen(
        [*words, "-e", *map(str, command)], env=environment, cwd=mesh.home, stdout=subprocess.DEVNULL
    )
    try:
        search = ("search", "--sync", "--onlyvisible", "--name", title, "getwindowgeometry", "--shell")
        found = dict(line.split("=") for line in xdotool(mesh.desktop, *search).split())
        yield int(found["X"]), int(found["Y"]), int(found["WIDTH"]), int(found["HEIGHT"])
    finally:
        process.terminate()
        process.wait(10)


def far_clipboard(desktop: SharedDesktop) -> str:
    """The text in the clipboard of the far display."""
    command = ["xclip", "-selection", "clipboard", "-out"]
    environment = os.environ | desktop.environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=10).stdout


def put_on_far_clipboard(desktop: SharedDesktop, text: str) -> None:
    """Copies a text on the far display."""
    command = ["xclip", "-selection", "clipboard", "-in"]
    environment = os.environ | desktop.environment
    # xclip stays to own the clipboard and ends with the display or with the next copy.
    subprocess.run(command, env=environment, input=text.encode(), check=True, timeout=10, stdout=subprocess.DEVNULL)


def far_pixel(desktop: SharedDesktop, x: int, y: int) -> bytes:
    """The colour of a point of the far display: three bytes, red, green, blue."""
    command = ["import", "-window", "root", "-crop", f"1x1+{x}+{y}", "-depth", "8", "rgb:-"]
    environment = os.environ | desktop.environment
    return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=20).stdout


def xdotool(desktop: SharedDesktop, *arguments: str) -> str:
    """What xdotool says about the remote screen."""
    environment = os.environ | desktop.environment
    return subprocess.run(["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False).stdout


_HELD = """
import ctypes
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
keys = ctypes.create_string_buffer(32)
x.XQueryKeymap(ctypes.c_void_p(x.XOpenDisplay(None)), keys)
print([8 * place + bit for place, byte in enumerate(keys.raw) for bit in range(8) if byte >> bit & 1])
"""


def held_keys(desktop: SharedDesktop) -> str:
    """The X key codes that are pressed on the far display now, as a list in text."""
    environment = {**os.environ, **desktop.environment}
    return subprocess.check_output([sys.executable, "-c", _HELD], env=environment, text=True, timeout=20).strip()


def another_key() -> Secret:
    """A login key that no server has."""
    return Secret(secrets.token_hex(80))


def _answer(channel: ControlChannel, action: str) -> dict[str, object]:
    deadline = time.monotonic() + 15
    while (message := channel.receive(deadline)) is not None:
        decoded: dict[str, object] = json.loads(message)
        if decoded.get("action") == action:
            return decoded
    raise AssertionError(f"no answer to {action}")
