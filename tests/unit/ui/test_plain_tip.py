from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from console.ui.widgets import plain_tip


def test_a_tip_is_shown_as_it_is_written(qapp: QApplication) -> None:
    """Whatever a machine calls itself: QToolTip would take a text with tags in it for HTML."""
    assert plain_tip("PC-17\nAcme / Berlin & Bonn") == "PC-17\nAcme / Berlin & Bonn"
    named = '<img src="//evil.example/x.png"> <b>PC</b>\nAcme & Sons'
    shown = QTextDocument()
    shown.setHtml(plain_tip(named))
    assert shown.toPlainText() == named
