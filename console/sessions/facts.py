"""What a session's page has reported about itself, gathered for the session bar."""

from dataclasses import dataclass, field

from console.mesh.report import BarsShown, Displays, Features, FolderShown, Picture, Report


@dataclass
class PageFacts:
    """The latest of each kind; None until the page has said it."""

    features: dict[str, str] = field(default_factory=dict)
    displays: Displays | None = None
    picture: Picture | None = None
    folder: str | None = None
    bars: BarsShown | None = None

    def take(self, report: Report) -> None:
        """Takes in a report; those about the connection change nothing here."""
        match report:
            case Features(reasons=reasons):
                self.features = reasons
            case Displays():
                self.displays = report
            case Picture():
                self.picture = report
            case FolderShown(path=path):
                self.folder = path
            case BarsShown():
                self.bars = report

    def why_not(self, feature: str) -> str:
        """Why the page cannot do something, "" when it can: see console.mesh.report.FEATURES."""
        if not self.features:
            return "The page is not connected yet."
        return self.features.get(feature, "This version of MeshCentral's page does not offer it.")
