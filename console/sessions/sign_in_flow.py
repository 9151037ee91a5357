"""The steps of signing in, without their widgets: address, credentials, one-time code, its set-up, certificate."""

from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from PySide6.QtCore import QObject, Signal

from console.problem import Problem
from console.rmm.address import api_address, web_address_guess
from console.rmm.credentials import ApiKey, Credential
from console.rmm.errors import SignInAgain, Throttled
from console.rmm.sign_in import CodeWanted, SignedIn, SignIn, TotpKey, TotpSetUp
from console.secret import Secret
from console.servers import Server, Way
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.transport import CertificateUntrusted
from console.vault.errors import VaultProblem
from console.work import Job, Runner

T = TypeVar("T")


class Step(Enum):
    ADDRESS = auto()
    CREDENTIALS = auto()
    CODE = auto()
    TOTP_KEY = auto()
    CERTIFICATE = auto()
    KEYRING = auto()


class SignInFlow(QObject):
    """Goes from an address to a connection. Its attributes are what there is to show; `changed` says that they did.

    `problem` is the last refusal, `throttled` the seconds that the server asked to wait with it (0 for none),
    `certificate` what to show in step CERTIFICATE, `totp_key` what to show, once, in step TOTP_KEY.
    """

    changed = Signal()
    finished = Signal(object)
    """A Connection."""

    def __init__(self, accounts: Accounts, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self._runner = runner
        self._job: Job | None = None
        self._again: Callable[[], None] | None = None
        self._password: Secret | None = None
        self._signed_in: tuple[Credential, Secret | None] | None = None
        self._before = Step.ADDRESS
        self.start(None)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(self, server: Server | None, problem: Problem | None = None) -> None:
        """Begins with a known server, or with the question for its address. `problem` says why it begins again."""
        self.cancel()
        self.server = server or Server(address="", colour=self._accounts.book.next_colour())
        self.step = Step.CREDENTIALS if server else Step.ADDRESS
        if isinstance(problem, VaultProblem):
            self.step = Step.KEYRING
        self.problem: Problem | None = problem
        self.throttled = 0
        self.certificate: CertificateUntrusted | None = None
        self.totp_key: TotpKey | None = None
        self.providers: tuple[str, ...] = ()
        self.kept_password: Secret | None = None
        self._password = self._signed_in = None
        self.changed.emit()
        if server and server.keep_password:
            self._accounts.kept_password(server, lambda found: self._password_found(server, found), lambda _: None)

    def forget_password(self) -> None:
        """The console is locked while a code is awaited: the password is typed again then."""
        if self.step is Step.CODE:
            self.cancel()
            self._password = self.kept_password = None
            self._go(Step.CREDENTIALS)

    def cancel(self) -> None:
        """Drops the answer that is being waited for."""
        if self._job:
            self._job.cancel()
            self._job = None
            self.changed.emit()

    def give_address(self, typed: str) -> None:
        """Step ADDRESS."""
        try:
            address = api_address(typed)
        except Problem as problem:
            self._failed(problem)
            return
        book = self._accounts.book
        known = next((server for server in book.servers if server.address == address), None)
        # At the sign-in of a server of the list another address is another server: nothing kept for it goes there.
        base = Server(address="", colour=book.next_colour()) if book.get(self.server.id) else self.server
        self.kept_password = None
        self.server = known or msgspec.structs.replace(
            base, address=address, name=urlsplit(address).netloc, web_address=web_address_guess(address)
        )
        self._run(lambda sign_in: sign_in.reach, self._reached)

    def give_password(self, username: str, password: Secret, keep_signed_in: bool, keep_password: bool) -> None:
        """Step CREDENTIALS with a password. An empty one stands for the password that is kept in the keyring."""
        self._password = password or self.kept_password or password
        self.server = msgspec.structs.replace(
            self.server,
            username=username.strip(),
            way=Way.PASSWORD,
            keep_signed_in=keep_signed_in,
            keep_password=keep_password,
        )
        given, name = self._password, self.server.username
        self._run(lambda sign_in: lambda: sign_in.check_credentials(name, given), self._credentials_checked)

    def give_api_key(self, typed: str, keep_signed_in: bool) -> None:
        """Step CREDENTIALS with an API key."""
        try:
            key = ApiKey.typed(typed)
        except Problem as problem:
            self._failed(problem)
            return
        self.server = msgspec.structs.replace(
            self.server, way=Way.API_KEY, keep_signed_in=keep_signed_in, keep_password=False
        )
        self._run(lambda sign_in: lambda: sign_in.check_api_key(key), lambda _: self._keep(key, None))

    def give_code(self, code: str) -> None:
        """Step CODE."""
        password, name = self._password, self.server.username
        if password is None:
            self.back()
            return
        self._run(lambda sign_in: lambda: sign_in.sign_in(name, password, code), self._code_taken)

    def totp_key_noted(self) -> None:
        """Step TOTP_KEY: the technician has the key in an app; it is not kept any longer."""
        self.totp_key = None
        self._go(Step.CODE)

    def trust_certificate(self) -> None:
        """Step CERTIFICATE: pins what was shown and goes on with what it held up."""
        shown = self.certificate.certificate if self.certificate else None
        if self.certificate and shown:
            self.server = self.server.trusting(shown, self.certificate.host)
            self.certificate = None
            self.step = self._before
            self._repeat()

    def keyring_again(self) -> None:
        """Step KEYRING: another try to store what was signed in with, or else to look for what is stored."""
        self._go(Step.KEYRING)
        if self._signed_in:
            self._keep(*self._signed_in)
        else:
            server = self.server
            self._accounts.resume(
                server,
                lambda found: self._resumed(found) if self.server is server else None,
                lambda problem: self._failed(problem) if self.server is server else None,
            )

    def for_this_run_only(self) -> None:
        """Step KEYRING: nothing is stored."""
        self._accounts.use_memory()
        self.keyring_again()

    def again(self) -> None:
        """Does once more what failed: the reason is gone."""
        if not self.busy:
            self._repeat()

    def back(self) -> None:
        """To the step before."""
        self.cancel()
        if self.step in (Step.CODE, Step.TOTP_KEY, Step.KEYRING):
            self._password = self._signed_in = None
            self.totp_key = None
            self._go(Step.CREDENTIALS)
        elif self.step is Step.CERTIFICATE:
            self.certificate = None
            self._go(self._before)
        else:
            self._go(Step.ADDRESS)

    def _run(self, choose: Callable[[SignIn], Callable[[], T]], done: Callable[[T], None]) -> None:
        if self._job:
            return

        def start() -> None:
            call = choose(SignIn(self.server.address, self._accounts.transport(self.server)))
            self._job = self._runner.run(call, finished, self._failed)
            self.problem, self.throttled = None, 0
            self.changed.emit()

        def finished(result: T) -> None:
            self._job = None
            done(result)

        self._again = start
        start()

    def _repeat(self) -> None:
        if self._again:
            self._again()

    def _go(self, step: Step) -> None:
        self.step, self.problem, self.throttled = step, None, 0
        self.changed.emit()

    def _failed(self, problem: Problem) -> None:
        self._job = None
        self.problem = problem
        self.throttled = problem.seconds if isinstance(problem, Throttled) else 0
        if isinstance(problem, CertificateUntrusted) and problem.certificate:
            self.certificate = problem
            if self.step is not Step.CERTIFICATE:
                self._before = self.step
            self.step = Step.CERTIFICATE
        elif isinstance(problem, VaultProblem):
            self.step = Step.KEYRING
        self.changed.emit()

    def _reached(self, _: None) -> None:
        self._go(Step.CREDENTIALS)
        self._run_quietly()

    def _run_quietly(self) -> None:
        """Learns about single sign-on in the background; nothing depends on it."""
        server = self.server
        sign_in = SignIn(server.address, self._accounts.transport(server))
        self._runner.run(sign_in.sso_providers, lambda found: self._providers_known(server.id, found), lambda _: None)

    def _providers_known(self, server_id: str, providers: tuple[str, ...]) -> None:
        if self.server.id == server_id:
            self.providers = providers
            self.changed.emit()

    def _password_found(self, server: Server, password: Secret | None) -> None:
        """With the kept password only the code is asked. Another server's password must never be used here."""
        if self.server is not server or self.step is not Step.CREDENTIALS or password is None:
            return
        reason = self.problem
        self.kept_password = password
        self.changed.emit()
        if server.way is Way.PASSWORD and (reason is None or isinstance(reason, SignInAgain)):

            def checked(result: CodeWanted | TotpSetUp) -> None:
                self._credentials_checked(result)
                if self.step is Step.CODE:
                    self.problem = reason
                    self.changed.emit()

            self._password = password
            self._run(lambda sign_in: lambda: sign_in.check_credentials(server.username, password), checked)

    def _credentials_checked(self, result: CodeWanted | TotpSetUp) -> None:
        if isinstance(result, CodeWanted):
            self._go(Step.CODE)
        else:
            self._run(lambda sign_in: lambda: sign_in.set_up_totp(result), self._totp_set_up)

    def _totp_set_up(self, key: TotpKey) -> None:
        self.totp_key = key
        self._go(Step.TOTP_KEY)

    def _code_taken(self, signed_in: SignedIn) -> None:
        self.server = msgspec.structs.replace(self.server, username=signed_in.username)
        self._keep(signed_in.token, self._password)

    def _keep(self, credential: Credential, password: Secret | None) -> None:
        given = self._signed_in = (credential, password)
        self._accounts.signed_in(
            self.server,
            credential,
            password,
            lambda connection: self._finished(connection) if self._signed_in is given else None,
            lambda problem: self._failed(problem) if self._signed_in is given else None,
        )

    def _resumed(self, connection: Connection | None) -> None:
        if connection:
            self._finished(connection)
        elif self.step is Step.KEYRING:
            self._go(Step.CREDENTIALS)

    def _finished(self, connection: object) -> None:
        self._password = self._signed_in = self.kept_password = None
        self.finished.emit(connection)
