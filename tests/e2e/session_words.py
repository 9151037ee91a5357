"""What a session's tab says, and how a session stands."""

from PySide6.QtWidgets import QLabel

from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console


def words(console: Console, session: Session) -> str:
    labels = console.tab(session).findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible() and label.text())


def until_words(console: Console, session: Session, text: str) -> None:
    console.until(lambda: text in words(console, session), f"the tab does not say “{text}”")


def reached(console: Console, session: Session, state: State) -> None:
    console.until(lambda: session.state is state, f"the session did not become “{state}”")
