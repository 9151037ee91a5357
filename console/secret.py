"""A text that must not be seen: its type keeps it out of logs, error texts and debuggers."""

import hmac
from typing import NoReturn, final


@final
class Secret:
    """Wraps a password, API key, session token, login token, session link, Mesh key or cookie.

    `repr`, `str` and format never show the text, and it cannot be pickled or copied into JSON by accident. Whoever
    needs the text calls `reveal()` at the last moment and keeps no copy.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that sends or stores it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        own, others = (one._text.encode(errors="surrogatepass") for one in (self, other))
        return hmac.compare_digest(own, others)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written anywhere")
