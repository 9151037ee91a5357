"""What a transfer says of itself, and the picture beside it."""

import msgspec

from console.mesh.amounts import amount, of_total
from console.sessions.far_agent import far_folder
from console.sessions.transfer import Direction, Transfer, TransferState


class Look(msgspec.Struct, frozen=True):
    """An icon of resources/icons, a colour of theme.Colours and a role of the style sheet."""

    icon: str
    colour: str
    role: str = "muted"


LOOKS = {
    TransferState.WAITING: Look("clock", "neutral"),
    TransferState.CONSENT: Look("user", "warning", "warning"),
    TransferState.RUNNING: Look("connecting", "accent"),
    TransferState.ASKING: Look("warning", "warning", "warning"),
    TransferState.DONE: Look("check", "good"),
    TransferState.CANCELLED: Look("close", "neutral"),
    TransferState.FAILED: Look("failed", "bad", "bad"),
}
ARROWS = {Direction.UP: ("upload", "Upload"), Direction.DOWN: ("download", "Download")}


def look_of(transfer: Transfer) -> Look:
    asks = transfer.question is not None
    return LOOKS[TransferState.ASKING if asks else transfer.state]


def place_of(transfer: Transfer) -> str:
    """Where it comes from or goes to."""
    if transfer.direction is Direction.UP:
        return f"to {transfer.hostname}, {far_folder(transfer)}"
    return f"from {transfer.hostname}"


def words_of(transfer: Transfer) -> str:
    """The line about its state."""
    if transfer.question:
        where = f" in {transfer.question.where}" if transfer.question.where else ""
        still = f" {_so_far(transfer)}" if transfer.state is TransferState.RUNNING else ""
        return f"“{transfer.question.name}” is there{where} already.{still}"
    if transfer.cancelling:
        return "Cancelling: what arrived is being removed"
    match transfer.state:
        case TransferState.WAITING:
            return f"Waiting · {amount(transfer.size)}" if transfer.size else "Waiting"
        case TransferState.CONSENT:
            return "Waiting for the remote user to allow it"
        case TransferState.DONE:
            return f"{amount(transfer.moved)}, in {transfer.folder.name}" if transfer.folder else amount(transfer.moved)
        case TransferState.CANCELLED:
            return "Cancelled"
        case TransferState.FAILED:
            problem = transfer.problem
            return f"{problem.what} {problem.advice}".strip() if problem else "It did not arrive."
    parts = [of_total(transfer.moved, transfer.size)]
    if transfer.speed:
        parts.append(f"{amount(transfer.speed)}/s")
    if transfer.seconds_left is not None:
        parts.append(f"{clock(transfer.seconds_left)} left")
    return " · ".join(parts)


def summary(transfers: list[Transfer]) -> str:
    """The panel's own line: "2 under way · 1 asks · 1 failed"."""
    asking = len([each for each in transfers if each.question])
    under_way = len([each for each in transfers if not each.over and not each.question])
    failed = len([each for each in transfers if each.state is TransferState.FAILED])
    speed = sum(each.speed for each in transfers)
    parts = [f"{under_way} under way"] if under_way else []
    if asking:
        parts.append(f"{asking} {'asks' if asking == 1 else 'ask'}")
    if failed:
        parts.append(f"{failed} failed")
    if not parts:
        parts.append(f"{len(transfers)} finished")
    if speed:
        parts.append(f"{amount(speed)}/s")
    return " · ".join(parts)


def clock(seconds: int) -> str:
    """ "1:20", "2:03:10"."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _so_far(transfer: Transfer) -> str:
    return f"({of_total(transfer.moved, transfer.size)} so far)"
