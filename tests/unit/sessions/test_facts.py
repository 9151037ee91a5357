from console.mesh.report import (
    BarsShown,
    Display,
    Displays,
    Features,
    FirstData,
    FolderShown,
    Picture,
    TunnelState,
)
from console.sessions.facts import PageFacts


def test_the_latest_of_each_kind_is_kept() -> None:
    facts = PageFacts()
    pictures = [Picture(quality=quality) for quality in (10, 60)]
    displays = Displays(displays=(Display(1), Display(2)), shown=2)
    for report in (*pictures, displays, FolderShown(path="/home"), FolderShown(path="C:/"), BarsShown(shown=False)):
        facts.take(report)
    assert facts.picture == pictures[1]
    assert facts.displays == displays
    assert facts.folder == "C:/"
    assert facts.bars == BarsShown(shown=False)


def test_what_is_about_the_connection_changes_nothing() -> None:
    facts = PageFacts()
    for report in (FirstData(), TunnelState(state=3)):
        facts.take(report)
    assert facts == PageFacts()


def test_why_something_cannot_be_done() -> None:
    facts = PageFacts()
    assert facts.why_not("keys") == "The page is not connected yet."
    facts.take(Features(reasons={"keys": "", "type": "Only looking."}))
    assert facts.why_not("keys") == ""
    assert facts.why_not("type") == "Only looking."
    assert facts.why_not("displays") == "This version of MeshCentral's page does not offer it."
