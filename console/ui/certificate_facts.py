"""What a technician compares before trusting a certificate."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from console.certificates import Certificate, shown_fingerprint
from console.transport import CertificateUntrusted
from console.ui.widgets import label

_PAIRS_A_LINE = 8
_ALL = ("Issued to", "Issued by", "Valid", "Names", "SHA-256")
_BRIEF = ("Valid", "SHA-256")
_UNKNOWN = "not kept"


class CertificateFacts(QWidget):
    """Names, dates and fingerprint, to be read and copied."""

    def __init__(self, captions: Sequence[str] = _ALL) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        self._values = {}
        for row, caption in enumerate(captions):
            grid.addWidget(label(caption, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            value = label("", "mono" if caption == "SHA-256" else "", wrap=True, selectable=True)
            self._values[caption] = value
            grid.addWidget(value, row, 1)

    def show_certificate(self, certificate: Certificate) -> None:
        self._show(
            certificate.subject or "(no name)",
            certificate.issuer or "(no name)",
            f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}",
            ", ".join(certificate.names) or "(none)",
            certificate.fingerprint,
        )

    def show_fingerprint(self, fingerprint: str) -> None:
        """All that is known of it."""
        self._show(_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN, fingerprint)

    def _show(self, *texts: str) -> None:
        *others, fingerprint = texts
        pairs = shown_fingerprint(fingerprint).split(":")
        lines = (":".join(pairs[i : i + _PAIRS_A_LINE]) for i in range(0, len(pairs), _PAIRS_A_LINE))
        for caption, text in zip(_ALL, (*others, "\n".join(lines)), strict=True):
            if caption in self._values:
                self._values[caption].setText(text)


class CertificatesCompared(QWidget):
    """The certificate that a host presents now and, where that is known, the one that was good until now: beside each
    other, or with less of the earlier one above the other."""

    def __init__(self, *, beside: bool = False) -> None:
        super().__init__()
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        row = QBoxLayout(direction, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(28 if beside else 12)
        self._before = CertificateFacts(_ALL if beside else _BRIEF)
        self._now = CertificateFacts()
        self._captions = (label("Trusted until now", "strong"), label("Presented now", "strong"))
        self._first = QWidget()
        second = QWidget()
        for part, caption, facts in zip((self._first, second), self._captions, (self._before, self._now), strict=True):
            column = QVBoxLayout(part)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(6)
            column.addWidget(caption)
            column.addWidget(facts)
            column.addStretch(1)
            row.addWidget(part, 1)

    def show_problem(self, problem: CertificateUntrusted) -> None:
        if problem.before:
            self._before.show_certificate(problem.before)
        elif problem.pinned:
            self._before.show_fingerprint(problem.pinned)
        self._first.setVisible(problem.changed)
        self._captions[1].setVisible(problem.changed)
        if problem.certificate:
            self._now.show_certificate(problem.certificate)
        self._now.setVisible(problem.certificate is not None)
        self._captions[1].setText("Presented now" if problem.certificate else "What it presents now could not be read.")
