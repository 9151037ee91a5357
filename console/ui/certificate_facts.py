"""What a technician compares before trusting a certificate."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from console.certificates import Certificate
from console.ui.widgets import label

_PAIRS_A_LINE = 8


class CertificateFacts(QWidget):
    """Names, dates and fingerprint, to be read and copied."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        self._values = []
        for row, caption in enumerate(("Issued to", "Issued by", "Valid", "Names", "SHA-256")):
            grid.addWidget(label(caption, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            value = label("", "mono" if caption == "SHA-256" else "", wrap=True, selectable=True)
            self._values.append(value)
            grid.addWidget(value, row, 1)

    def show_certificate(self, certificate: Certificate) -> None:
        pairs = certificate.shown_fingerprint.split(":")
        lines = [":".join(pairs[i : i + _PAIRS_A_LINE]) for i in range(0, len(pairs), _PAIRS_A_LINE)]
        texts = (
            certificate.subject or "(no name)",
            certificate.issuer or "(no name)",
            f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}",
            ", ".join(certificate.names) or "(none)",
            "\n".join(lines),
        )
        for value, text in zip(self._values, texts, strict=True):
            value.setText(text)
