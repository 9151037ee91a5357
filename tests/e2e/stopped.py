"""The technician at the page that stands in place of a list once a certificate is another one."""

from PySide6.QtWidgets import QLabel

from console.ui.agents.page import AgentsPage
from console.ui.trust.page import TrustPage
from tests.e2e.desk import Console


class Stopped:
    """Looks at what it says, and answers it with the mouse."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def page(self) -> TrustPage:
        page = self._console.window.home.currentWidget()
        assert isinstance(page, TrustPage)
        return page

    def until_shown(self, *words: str) -> None:
        self._console.until(
            lambda: isinstance(self._console.window.home.currentWidget(), TrustPage) and self.page.isVisible(),
            "the technician is not told",
        )
        for each in words:
            assert each in self.words(), f"“{each}” is not in {self.words()}"

    def words(self) -> str:
        shown = (one.text() for one in self.page.findChildren(QLabel) if one.isVisible())
        return " ".join(" ".join(shown).split())

    def fingerprints(self) -> str:
        return self.words().replace(":", "").replace(" ", "").lower()

    def trust(self) -> None:
        hands, page = self._console.hands, self.page
        assert not page.trust.isEnabled(), "one click trusts it"
        hands.click(page.compared)
        self._console.until(page.trust.isEnabled)
        hands.click(page.trust)
        self._console.until(lambda: isinstance(self._console.window.home.currentWidget(), AgentsPage))
