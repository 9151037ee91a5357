"""What proves to an RMM server who the technician is: a session token or an API key (never both in one request)."""

import re
from typing import TYPE_CHECKING

import msgspec

from console.problem import Problem
from console.secret import Secret
from console.transport import Auth

if TYPE_CHECKING:
    import requests

API_KEY_PLACE = "Settings > Global Settings > API Keys"
_SENDABLE = re.compile(r"[!-~]{1,512}")


class SessionToken(msgspec.Struct, frozen=True):
    """What a sign-in with password and one-time code gives; the server lets it live 5 hours from its last use."""

    secret: Secret

    def __post_init__(self) -> None:
        _refuse_unsendable(self.secret, "The session token", "Sign in again.")

    def auth(self) -> Auth:
        return _Header("Authorization", "Token ", self.secret)


class ApiKey(msgspec.Struct, frozen=True):
    """A key made in the RMM's web page, bound to one user, perhaps with an end date. `/logout/` refuses it."""

    secret: Secret

    def __post_init__(self) -> None:
        _refuse_unsendable(
            self.secret, "The API key", f"It is made in the RMM's web page: {API_KEY_PLACE}. Copy the whole of it."
        )

    @classmethod
    def typed(cls, text: str) -> "ApiKey":
        """An API key as pasted, with the spaces and line ends around it taken off. Raises a Problem."""
        return cls(Secret(text.strip()))

    def auth(self) -> Auth:
        return _Header("X-API-KEY", "", self.secret)


class Withheld(msgspec.Struct, frozen=True):
    """Stands in for a credential that is not in memory, while the console is locked. No call can be made with it."""

    secret: Secret = msgspec.field(default_factory=lambda: Secret(""))

    def auth(self) -> Auth:
        raise Problem("The console is locked.", "Unlock it and try again.")


Credential = SessionToken | ApiKey | Withheld


class _Header:
    """Sets its one header. The server tries a session token first and never looks at the key after a bad one."""

    def __init__(self, name: str, prefix: str, secret: Secret) -> None:
        self._name = name
        self._prefix = prefix
        self._secret = secret

    def __call__(self, request: "requests.PreparedRequest") -> "requests.PreparedRequest":
        request.headers.pop("Authorization", None)
        request.headers.pop("X-API-KEY", None)
        request.headers[self._name] = self._prefix + self._secret.reveal()
        return request


def _refuse_unsendable(secret: Secret, name: str, advice: str) -> None:
    """Checked here because the HTTP library would quote a bad header, and so the secret, in its error."""
    if not _SENDABLE.fullmatch(secret.reveal()):
        state = "holds a space or a character that none has" if secret else "is empty"
        raise Problem(f"{name} {state}.", advice)
