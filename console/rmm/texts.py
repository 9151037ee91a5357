"""Texts that a server sent, made fit to be shown: no control characters, a sane length, and no secret that was sent."""

import re
import unicodedata
from collections.abc import Iterable

import msgspec

from console.secret import Secret

SHOWN_CHARACTERS = 400
STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """The text on one line: control characters and those that turn the direction of writing become spaces."""
    if text.isprintable():
        return text
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in STEERING else c for c in text)
    return " ".join(plain.split())


def error_text(body: bytes, sent: Iterable[Secret] = ()) -> str:
    """The words in an error body, in each of the forms that Tactical RMM uses; "" when there are none.

    The forms: a JSON string; {"detail": text}; {"non_field_errors": [text]}; {field: [text]}. `sent` are the secrets of
    the request: a server that repeats one does not get it onto the screen.
    """
    try:
        words = _words(msgspec.json.decode(body))
    except (ValueError, RecursionError):
        return ""
    return without(one_line(words), sent)[:SHOWN_CHARACTERS]


def without(text: str, secrets: Iterable[Secret]) -> str:
    """The text with each of the secrets replaced, in whatever case: host names come back in small letters."""
    for secret in secrets:
        if secret:
            text = re.sub(re.escape(secret.reveal()), "…", text, flags=re.IGNORECASE)
    return text


def _words(form: object) -> str:
    if isinstance(form, str):
        return form
    if isinstance(form, list):
        return " ".join(item for item in form if isinstance(item, str))
    if isinstance(form, dict):
        return " ".join(_field(str(name), value) for name, value in form.items() if _words_of_field(value))
    return ""


def _field(name: str, value: object) -> str:
    words = _words_of_field(value)
    return words if name in ("detail", "non_field_errors") else f"{name}: {words}"


def _words_of_field(value: object) -> str:
    return _words(value) if isinstance(value, str | list) else ""
