"""What a page was kept from, in the log: all of it at first, then more and more rarely."""

import logging

from console.redaction import redacted

_log = logging.getLogger(__name__)
_ALL = 20
"""So many are written one by one. A page may try without end, and the log is to keep what else happens."""
_LONGEST = 200


class Refusals:
    """Counts them; one for each page."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, what: str, target: str) -> None:
        """`what` continues "kept the page from"; `target` is whatever the page gave: it is cut, and cannot look like
        another line of the log."""
        self.count += 1
        if self.count <= _ALL or self.count & (self.count - 1) == 0:
            shown = redacted(target.partition("?")[0][:_LONGEST])
            _log.info("kept the page from %s %r (%d so far)", what, shown, self.count)
