"""What can be wrong with the operating system's keyring."""

from console.problem import Problem


class VaultProblem(Problem):
    """The keyring did not do what was asked. The technician may go on with secrets in memory, for this run only."""


class NoVault(VaultProblem):
    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "No keyring was found on this computer.",
            "You can go on for this run only: nothing is stored, and you sign in again next time. "
            "On Linux, a keyring comes with GNOME Keyring or KWallet.",
            detail,
        )


class VaultLocked(VaultProblem):
    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The keyring of this computer is locked.",
            "Unlock it and try again, or go on for this run only: nothing is stored then.",
            detail,
        )


class VaultFailed(VaultProblem):
    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The keyring of this computer did not answer as it should.",
            "Try again, or go on for this run only: nothing is stored then.",
            detail,
        )
