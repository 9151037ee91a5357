"""A keyring back end without an operating system behind it."""

import keyring.backend
import keyring.errors


class InMemory(keyring.backend.KeyringBackend):
    """An operating system's keyring as the keyring library shows it, in a dictionary. `error` is raised instead."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._may_fail()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may_fail()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._may_fail()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.kept[service, username]

    def _may_fail(self) -> None:
        if self.error:
            raise self.error
