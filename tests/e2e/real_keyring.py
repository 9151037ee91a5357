"""The Secret Service of the tests' D-Bus, looked into from outside of the console, and the person at its prompt."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import secretstorage
from pytestqt.qtbot import QtBot
from secretstorage.exceptions import ItemNotFoundException

from console.vault.store import Kind

_PROMPT = "Unlock Login Keyring"
_MILLISECONDS = 30_000


class RealKeyring:
    def __init__(self, password: str, qtbot: QtBot) -> None:
        self._password = password
        self._qtbot = qtbot

    def of_server(self, server_id: str) -> dict[str, str]:
        """What is stored to sign in to a server with, by the kind of secret."""
        return {kind: text for kind, text in self._stored(server_id).items() if kind != Kind.LIST_KEY}

    def list_key(self, server_id: str) -> str | None:
        """What opens the sealed list of a server's agents."""
        return self._stored(server_id).get(Kind.LIST_KEY)

    def remove_list_key(self, server_id: str) -> None:
        """Somebody removes it with the desktop's own program."""
        with _collection() as collection:
            attributes = {"service": f"technician-console {server_id}", "username": Kind.LIST_KEY.value}
            for item in collection.search_items(attributes):
                item.delete()

    def _stored(self, server_id: str) -> dict[str, str]:
        service = f"technician-console {server_id}"
        found: dict[str, str] = {}
        with _collection() as collection:
            for item in collection.search_items({"service": service}):
                with suppress(ItemNotFoundException):  # the console has just removed it
                    found[item.get_attributes()["username"]] = item.get_secret().decode()
        return found

    def everything(self) -> list[str]:
        """Every secret in it, whoever stored it."""
        with _collection() as collection:
            return [item.get_secret().decode("utf-8", "replace") for item in collection.get_all_items()]

    def lock(self) -> None:
        with _collection() as collection:
            collection.lock()
            assert collection.is_locked()

    @property
    def locked(self) -> bool:
        with _collection() as collection:
            return bool(collection.is_locked())

    @property
    def asks(self) -> bool:
        """Whether the desktop's own prompt for the keyring's password is on the screen."""
        return bool(_xdotool("search", "--onlyvisible", "--name", _PROMPT))

    def dismiss(self) -> None:
        """Waits for the prompt and presses Escape in it."""
        self._answer("Escape")

    def unlock(self) -> None:
        """Waits for the prompt and types the password into it."""
        self._answer("Return", self._password)
        self._qtbot.waitUntil(lambda: not self.locked, timeout=_MILLISECONDS)

    def _answer(self, key: str, text: str = "") -> None:
        self._qtbot.waitUntil(lambda: self.asks, timeout=_MILLISECONDS)
        window = _xdotool("search", "--onlyvisible", "--name", _PROMPT).split()[0]
        self._qtbot.waitUntil(lambda: _xdotool("getwindowfocus").strip() != "1", timeout=_MILLISECONDS)
        _xdotool("windowfocus", "--sync", window)
        if text:
            _xdotool("type", "--delay", "12", "--file", "-", typed=text)
        _xdotool("key", key)
        self._qtbot.waitUntil(lambda: not self.asks, timeout=_MILLISECONDS)


def _xdotool(*words: str, typed: str = "") -> str:
    return subprocess.run(["xdotool", *words], input=typed, capture_output=True, text=True, check=False).stdout


@contextmanager
def _collection() -> Iterator[secretstorage.Collection]:
    with closing(secretstorage.dbus_init()) as bus:
        yield secretstorage.get_default_collection(bus)
