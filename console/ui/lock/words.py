"""What the lock says."""

from datetime import datetime

from console.problem import Problem
from console.servers import Server, Way
from console.sessions.lock import LockReason

REASONS = {
    LockReason.HAND: "You locked it.",
    LockReason.IDLE: "Nobody worked with it for a while.",
    LockReason.COMPUTER: "The computer was locked.",
    LockReason.UNREADABLE: "What was kept of the lock could not be read, so it counts as locked.",
}
IDLE_MINUTES = (0, 5, 15, 30, 60)


def since(moment: datetime, now: datetime) -> str:
    """In the clock of this place; with the day when it was another one."""
    here, today = moment.astimezone(), now.astimezone()
    return f"Since {here:%H:%M}" if here.date() == today.date() else f"Since {here:%A %d %B, %H:%M}"


def going_on(sessions: int, transfers: int) -> str:
    """How much runs behind the lock, without a name."""
    parts = []
    if sessions:
        parts.append("1 session" if sessions == 1 else f"{sessions:,} sessions")
    if transfers:
        parts.append("1 transfer" if transfers == 1 else f"{transfers:,} transfers")
    if not parts:
        return ""
    return f"{' and '.join(parts)} {'goes' if sessions + transfers == 1 else 'go'} on."


def server_field(server: Server) -> str:
    return (
        f"API key for {server.title}"
        if server.way is Way.API_KEY
        else f"Password of {server.username} at {server.title}"
    )


def server_choice(server: Server) -> str:
    """The link that leads to a server's way."""
    what = "an API key for" if server.way is Way.API_KEY else "your password at"
    return f"Use {what} {server.title}"


def not_kept(trouble: Problem) -> Problem:
    """For a lock that is not on the disk as it is."""
    what = "Whoever starts the console anew may find it open, or get tries back."
    return Problem(what, f"{trouble.what} It is tried again.", trouble.detail)


def minutes(number: int) -> str:
    return "Not by itself" if not number else f"After {number} minutes"
