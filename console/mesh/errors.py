"""Why a session cannot be opened, in words."""

from console.certificates import Certificate
from console.problem import Problem


class MeshProblem(Problem):
    """A session cannot be opened or has ended."""


class NoMeshAgent(MeshProblem):
    def __init__(self, hostname: str) -> None:
        super().__init__(
            f"{hostname} has no Mesh agent, so there is nothing to connect to.",
            "Install it again from the RMM's web page: Agent Recovery > Mesh Agent, then wait a few minutes. "
            "If that does not help, reinstall the Tactical agent.",
            "The session link names no MeshCentral node (gotonode is empty or None).",
        )


class MeshNotSetUp(MeshProblem):
    def __init__(self, detail: str) -> None:
        super().__init__(
            "This RMM server is not connected to its MeshCentral.",
            "Ask the RMM's administrator to look at Settings > Global Settings > MeshCentral: "
            "the site address and the login token key must be set there.",
            detail,
        )


class BadLink(MeshProblem):
    def __init__(self, detail: str) -> None:
        super().__init__(
            "The RMM gave a session link that this console cannot use.",
            "Open the agent in the RMM's web page instead, and tell whoever looks after the console.",
            detail,
        )


class TokenRefused(MeshProblem):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"MeshCentral at {host} refused the sign-in that the RMM made for you.",
            "New RMM users are known to MeshCentral after a few minutes: try again then. If it stays so, ask the RMM's "
            "administrator to check 'Sync Mesh with TRMM', the login token key and that both servers' clocks agree.",
            "The exchange of the login token gave no session cookie.",
        )


class KeyRefused(MeshProblem):
    def __init__(self, host: str, user: str) -> None:
        super().__init__(
            f"MeshCentral at {host} refused the emergency key.",
            f"The key may have been changed on the server, there may be no Mesh user {user}, or this computer's clock "
            "is wrong by more than half a minute. Ask whoever gave you the key.",
            "The exchange of a login token that was made here gave no session cookie.",
        )


class SessionNotTaken(MeshProblem):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"MeshCentral at {host} shows its sign-in page although the RMM signed you in.",
            "Your Mesh account may not exist yet: new RMM users are made there within a few minutes. Or this computer "
            "reaches the server by changing addresses (a proxy or VPN). If it stays so, ask the RMM's administrator.",
            "The page did not take the session cookie that the login token was exchanged for.",
        )


class MeshUnusable(MeshProblem):
    """`asked` is what it was asked for, in words."""

    def __init__(self, host: str, status: int, asked: str = "the login token was exchanged") -> None:
        super().__init__(
            f"MeshCentral at {host} answered with an error ({status}).",
            "Try again in a minute. If it stays so, ask whoever runs the server: it may be restarting, or this "
            "computer's address may not be among those that MeshCentral lets in (userAllowedIP).",
            f"HTTP status {status} when {asked}.",
        )


class SentOn(MeshProblem):
    """A redirect, which is not followed: the login token, or the cookie, would go to its target."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"MeshCentral at {host} sends this computer on to another address.",
            "A sign-in page of a proxy may stand in front of it, or the RMM has an old address of MeshCentral: ask "
            "whoever runs the server.",
            detail,
        )


class ViewNotStarted(MeshProblem):
    """The web engine starts no process for a page: the one that makes them has died, or the computer has no room."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The view of this session could not be started.",
            "Reconnect. If that fails as well, close the console and start it again: the part of it that makes new "
            "views has stopped. Sessions that still show their picture go on until then.",
            detail,
        )


class PageNotLoaded(MeshProblem):
    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"The page of MeshCentral at {host} could not be loaded.",
            "Check that this computer reaches the server, then try again.",
            detail,
        )


class MeshUnreachable(MeshProblem):
    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"MeshCentral at {host} does not answer.",
            "The RMM works, but the server behind its remote sessions is down, restarting, or not reachable from this "
            "computer's network. Try again in a minute; if it stays so, ask whoever runs the server.",
            detail,
        )


class NodeNotFound(MeshProblem):
    def __init__(self) -> None:
        super().__init__(
            "MeshCentral does not show this agent to you.",
            "It may have been removed, or your Mesh account has no right to it yet: with 'Sync Mesh with TRMM' that is "
            "made within a few minutes. If it stays so, ask the RMM's administrator.",
            "The node of the session link is not in the list that MeshCentral sent.",
        )


class ConsentDenied(MeshProblem):
    def __init__(self) -> None:
        super().__init__("The remote user did not allow the session.", "Speak with them, then try again.")


class ConsentTimedOut(MeshProblem):
    def __init__(self) -> None:
        super().__init__(
            "The remote user did not answer the question whether you may connect.",
            "Nobody may be at the machine. Try again when someone is.",
        )


class ConsentImpossible(MeshProblem):
    def __init__(self, text: str) -> None:
        super().__init__(
            "The remote user has to allow the session but could not be asked.",
            "Nobody may be signed in at the machine, or it has no way to show the question. Ask the RMM's "
            "administrator whether consent is needed for it.",
            text,
        )


class AgentSaid(MeshProblem):
    def __init__(self, text: str) -> None:
        super().__init__(
            "The Mesh agent could not start the session.",
            "Try again. If it stays so, the machine may have no screen to show, or its Mesh agent needs a restart.",
            text,
        )


class ScreenLost(MeshProblem):
    """The part of the agent that reads the screen died. The agent keeps the connection, and nothing more comes."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "The part of the Mesh agent that shows the screen stopped.",
            "If connecting again does not bring it back, the machine may have no screen to show, or its Mesh agent "
            "needs a restart.",
            text,
        )


class FarEndEnded(MeshProblem):
    """The agent goes on answering: nothing is broken, something there ended the session."""

    def __init__(self, shell: bool) -> None:
        super().__init__(
            "The shell on the remote machine ended." if shell else "The remote machine ended the session.",
            "Reconnect for a new one." if shell else "The remote user may have closed it. Reconnect if you need it.",
        )


class Disconnected(MeshProblem):
    def __init__(self) -> None:
        super().__init__("You disconnected this session.", "Reconnect when you need it again.")


class MeshGone(MeshProblem):
    """The page has lost its own connection to MeshCentral."""

    def __init__(self) -> None:
        super().__init__(
            "The connection to MeshCentral was lost.",
            "The server may be restarting, or this computer has lost its network.",
        )


class PageSilent(MeshProblem):
    def __init__(self) -> None:
        super().__init__(
            "The page of MeshCentral does not come up.",
            "The server may be busy, or the network between it and this computer is disturbed.",
        )


class PageLeft(MeshProblem):
    def __init__(self) -> None:
        super().__init__(
            "MeshCentral's page went away by itself.",
            "Reconnect. If it happens again, tell whoever runs this MeshCentral: its own page does no such thing.",
            "The page left for an empty one (about:blank).",
        )


class CertificateChanged(MeshProblem):
    """The page was shown another certificate than the exchange: `certificate` in place of one with the fingerprint
    `leaf`, None where that was unknown."""

    def __init__(self, host: str, certificate: Certificate | None, leaf: str | None) -> None:
        super().__init__(
            "The page of MeshCentral came under another certificate than its sign-in.",
            "Someone may be reading along, or several servers answer under one name. Ask whoever runs the server.",
            f"SHA-256 of the sign-in's: {leaf}\n"
            f"SHA-256 of the page's: {certificate.fingerprint if certificate else None}",
        )
        self.host = host
        self.certificate = certificate


class BadMeshKey(MeshProblem):
    """`length` is how many characters were given: the key itself is never in an error."""

    def __init__(self, length: int) -> None:
        super().__init__(
            "This is not a login key of MeshCentral.",
            "It has 160 hexadecimal digits. On the server, 'node node_modules/meshcentral --logintokenkey' shows it.",
            f"{length} characters were given.",
        )


class MeshSignedOut(MeshProblem):
    """`cause` is MeshCentral's own word for why."""

    def __init__(self, host: str, cause: str) -> None:
        super().__init__(
            f"MeshCentral at {host} does not take the sign-in (any more).",
            "Connect again. If it stays so, this computer may reach the server by changing addresses (a proxy or VPN).",
            f"control.ashx: {cause[:60]}",
        )
        self.cause = cause


class ControlSilent(MeshProblem):
    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"MeshCentral at {host} did not answer a question about the account.",
            "Try again. Something between this computer and the server may not let web sockets through.",
            f"control.ashx: {detail}",
        )


class ControlRefused(MeshProblem):
    """`reason` is MeshCentral's."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"MeshCentral at {host} refused it.",
            "Your account may not be allowed to do this, or the server's administrator switched it off.",
            f"control.ashx: {reason[:200]}",
        )


class OwnSignInRefused(MeshProblem):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"MeshCentral at {host} did not accept the user name and password.",
            "User names are case-sensitive there. They may be others than those of the RMM.",
        )


class SignInHeldOff(MeshProblem):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"MeshCentral at {host} takes no sign-ins from this computer for a while.",
            "Too many were refused. Wait some minutes, then try again.",
        )
