"""Why a file could not be taken to or from the remote machine, in words."""

from console.mesh.errors import MeshProblem


class FileProblem(MeshProblem):
    """A transfer did not come about, or broke off."""


class TunnelLost(FileProblem):
    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The connection to the remote machine broke off.", "Retry when the machine can be reached again.", detail
        )


class CookieVoid(FileProblem):
    """MeshCentral does not know the session cookies (any more): a new session link is needed."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "MeshCentral did not take the sign-in that the RMM made for you.",
            "Retry. If it stays so, reconnect the session.",
            detail,
        )


class NoSignIn(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            "The console can move files only where the RMM signs you in to MeshCentral.",
            "Ask the RMM's administrator to allow MeshCentral's login tokens, or use the RMM's web page.",
            "The session link holds no login token.",
        )


class AgentNotReached(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            "The remote machine's Mesh agent did not take the connection.",
            "Retry when it is online. If it stays so, restart the Mesh agent from the RMM's web page (Agent Recovery).",
        )


class Refused(FileProblem):
    """The agent said no. `text` is what its question to the remote user answered."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "The remote machine did not allow files to be moved.", "Speak with its user, then retry.", text
        )
        self.text = text


class AgentSilent(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            "The remote machine stopped answering.", "It may be very busy or have lost its network. Retry."
        )


class FolderMissing(FileProblem):
    def __init__(self, folder: str) -> None:
        super().__init__(f"There is no folder {folder} on the remote machine.", "Choose another folder.")


class NotWritable(FileProblem):
    def __init__(self, folder: str) -> None:
        super().__init__(
            f"The remote machine does not let files be written to {folder}.",
            "Choose another folder: this one may be protected, or its disk may be full or read-only.",
        )


class WriteFailed(FileProblem):
    def __init__(self, folder: str) -> None:
        super().__init__(
            f"The remote machine could not write all of the file to {folder}.",
            "Its disk may be full. Make room there, then retry.",
        )


class NotPutInPlace(FileProblem):
    def __init__(self, name: str, left: str) -> None:
        super().__init__(
            f"The file arrived whole, but the remote machine did not give it the name {name}.",
            f"It is there as {left}. The file of that name may be in use.",
        )


class NotThere(FileProblem):
    def __init__(self, path: str) -> None:
        super().__init__(f"The remote machine cannot read {path}.", "It may have been moved, removed or protected.")


class NearUnreadable(FileProblem):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be read on this computer.", "Check that it is still there, then retry.", why)


class NearChanged(FileProblem):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} changed on this computer while it was sent.", "Retry once nothing writes to it any more."
        )


class NearUnusable(FileProblem):
    def __init__(self, folder: object, why: str) -> None:
        super().__init__(f"The folder {folder} cannot be used: {why}.", "Choose another folder for downloads.")


class Incomplete(FileProblem):
    def __init__(self) -> None:
        super().__init__("Only a part of the file came.", "Retry: the part was removed.")


class NoRoom(FileProblem):
    """`wanted` and `free` are texts with their units."""

    def __init__(self, wanted: str, free: str, folder: object) -> None:
        super().__init__(
            f"The file has {wanted}, and only {free} are free in {folder}.", "Make room there, then retry."
        )


class DiskFull(FileProblem):
    def __init__(self, folder: object) -> None:
        super().__init__(f"The disk of {folder} is full.", "Make room there, then retry. What had come was removed.")


class TooManyDownloads(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            "The page hands over more files than anybody would ask for. From this one on they are refused.",
            "Wait a minute. If you asked for none of them, close the session and tell whoever runs this MeshCentral.",
        )


class Cancelled(Exception):
    """The technician cancelled it: nothing that anybody has to be told."""
