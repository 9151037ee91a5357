"""Keeps secrets out of the log, whatever is logged by whomever.

The types (`Secret`) keep our own secrets out already; this is the net below for texts that libraries, Qt and web pages
write: URLs with a login token, headers, cookies.
"""

import logging
import re

_HIDDEN = "(hidden)"
_NAME = r"[\w-]{0,40}(?:login|auth|token|secret|password|twofactor|totp)|(?:[\w-]{0,40}[_-]|api|totp)?key"
_QUOTED = r"""\\"[^"\\]*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
_PATTERNS = (
    # the query of any URL: session links, relay sockets with auth=, device files with their cookie
    (re.compile(r"\b((?:https?|wss?|otpauth)://[^\s?\"'<>]*)\?[^\s\"'<>]*", re.IGNORECASE), rf"\1?{_HIDDEN}"),
    # a request line as urllib3 writes it, without the host in front
    (re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+"), rf"\1?{_HIDDEN}"),
    # name=value, in an encoded URL as well, and "name": "value" of JSON and of Python
    (re.compile(rf"\b({_NAME})(=|%3D)(?:{_QUOTED}|[^&\s\"']+)", re.IGNORECASE), rf"\1\2{_HIDDEN}"),
    (re.compile(rf"\b((?:{_NAME})(?:\\?['\"])?\s*:\s*)b?(?:{_QUOTED})", re.IGNORECASE), rf"\1{_HIDDEN}"),
    # headers, alone, in a mapping and as a pair; cookies to the end of the line
    (
        re.compile(
            r"\b((?:Authorization|X-API-KEY|X-MeshAuth)(?:['\"]\s*,|['\"]?\s*[:=])\s*b?)[^\r\n}\])]+", re.IGNORECASE
        ),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"((?:Set-)?Cookie(?:['\"]\s*,|['\"]?\s*[:=])\s*).*", re.IGNORECASE), rf"\1{_HIDDEN}"),
    (re.compile(r"\b(Token|Bearer|Basic)\s+(?=[^\s\d]*\d)[\w+/=.@$-]{8,}", re.IGNORECASE), rf"\1 {_HIDDEN}"),
    (re.compile(r"\b(xid(?:\.sig)?)=[^;\s]+"), rf"\1={_HIDDEN}"),
    # session tokens and API keys, wherever they stand
    (re.compile(r"\b[0-9a-f]{64,}\b|\b[A-Z0-9]{32}\b"), _HIDDEN),
)


def redacted(text: str) -> str:
    """The text with everything that looks like a secret hidden."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback and then hides secrets in the whole of it."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
