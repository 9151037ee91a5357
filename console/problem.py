"""What a person is told when something does not work."""


class Problem(Exception):
    """An error with words for the technician.

    `what` says what happened and to what, `advice` what to do next, `detail` holds the technical part that the
    window shows unfolded on request. None of the three ever carries a secret (docs/architecture.md, "Secrets").
    """

    def __init__(self, what: str, advice: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.detail = detail

    def report(self) -> str:
        """The whole of it as plain text, for the clipboard."""
        return "\n".join(part for part in (self.what, self.advice, self.detail) if part)
