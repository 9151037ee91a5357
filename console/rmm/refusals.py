"""Why a sign-in was refused, worded for the person who tries."""

from console.problem import Problem
from console.rmm.credentials import API_KEY_PLACE
from console.rmm.errors import RmmProblem, duration

SKEW_WORTH_NAMING = 240.0


class Incomplete(Problem):
    """Something was left out or has the wrong form; nothing was sent."""


class WrongAddress(RmmProblem):
    """The address is not that of a Tactical RMM API. `suggestion` is the address to try instead, or None."""

    def __init__(self, what: str, advice: str, detail: str, suggestion: str | None) -> None:
        super().__init__(what, advice, detail)
        self.suggestion = suggestion


class WrongCredentials(RmmProblem):
    """User name and password were not taken; `sso` names the identity providers that the server has, if any.

    The server gives one and the same answer for a wrong password, an unknown, inactive or blocked user, and for a user
    who must sign in with single sign-on.
    """

    def __init__(self, host: str, sso: tuple[str, ...], detail: str) -> None:
        key = f"sign in with an API key, made in the RMM's web page: {API_KEY_PLACE}."
        if sso:
            advice = (
                "Check both. "
                f"This server has single sign-on ({', '.join(sso)}): if that is how you sign in to its web page, {key} "
                "Otherwise your user may be inactive, or blocked from signing in: ask an administrator."
            )
        else:
            advice = (
                "Check both. The server does not say more: your user may also be inactive, or blocked from signing in "
                f"to the web page. A blocked user can still {key} Otherwise ask an administrator."
            )
        super().__init__(f"{host} did not take this user name and password.", advice, detail)
        self.sso = sso


class WrongCode(RmmProblem):
    """The one-time code was not taken. `ahead`: by how many seconds this computer's clock is ahead of the server's."""

    def __init__(self, host: str, ahead: float | None, detail: str) -> None:
        advice = "Type the code that your authenticator app shows now; a code is taken for 5 minutes around its time."
        if ahead is not None and abs(ahead) >= SKEW_WORTH_NAMING:
            side = "ahead of" if ahead > 0 else "behind"
            minutes = duration(60 * round(abs(ahead) / 60))
            advice += (
                f" The clocks differ: this computer's is {minutes} {side} the server's. The code "
                "comes from the clock of the device with your app: set that one right first. If it shows the same time "
                "as this computer, or is right already, it is the server's clock: tell whoever runs it."
            )
        else:
            advice += (
                " Check that it is the entry for this server, and that the clock of the device with the app is right."
            )
        super().__init__(f"{host} did not take this one-time code.", advice, detail)
        self.ahead = ahead


class AlreadySetUp(RmmProblem):
    """The user has a key for one-time codes already; the server never shows it again."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"One-time codes are already set up for your user at {host}.",
            "Sign in with the code of the app that has the key. If no app has it, an administrator of the RMM must "
            "reset your two-factor authentication.",
        )
