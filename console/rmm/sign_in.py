"""Signing in to an RMM server: is it one, the two steps with password and code, the first-time set-up, API keys.

Statuses and bodies: rmm-api, authentication. No call here is ever repeated on its own.
"""

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from console.problem import Problem
from console.rmm import errors, wire
from console.rmm.address import host_name
from console.rmm.calls import decoded
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey, Credential, SessionToken
from console.rmm.errors import BadRequest, Call, NotAllowed, RmmProblem, SignInAgain
from console.rmm.models import DashInfo
from console.rmm.reach import reach
from console.rmm.refusals import AlreadySetUp, Incomplete, WrongCode, WrongCredentials
from console.rmm.texts import one_line
from console.secret import Secret
from console.transport import Answer, Auth, Transport, TransportProblem

_SSO = Call("the providers for single sign-on")
_CHECK = Call("signing in, step 1")
_SIGN_IN = Call("signing in, step 2")
_SET_UP = Call("setting up the one-time codes")


class CodeWanted(msgspec.Struct, frozen=True):
    """Step 1 went well: ask for the six digits."""


class TotpSetUp(msgspec.Struct, frozen=True):
    """Step 1 went well, and the user has no one-time codes yet. The token is for `set_up_totp` alone."""

    token: SessionToken


class TotpKey(msgspec.Struct, frozen=True):
    """What the authenticator app needs: the key in Base32, and the otpauth:// URI of the QR code. Shown only once."""

    username: str
    key: Secret
    uri: Secret


class SignedIn(msgspec.Struct, frozen=True):
    """A session token. `expiry` is right at this moment only: the server moves it with each use and does not say so."""

    token: SessionToken
    expiry: datetime
    username: str


class SignIn:
    """The ways to sign in to one server. `address` is what `api_address` answers, `clock` this computer's time in
    Unix seconds. Every call blocks, may be made from any thread, and raises a Problem.
    """

    def __init__(self, address: str, transport: Transport, clock: Callable[[], float] = time.time) -> None:
        self._address = address
        self._host = host_name(address)
        self._transport = transport
        self._clock = clock

    def reach(self) -> None:
        """Makes sure that a Tactical RMM API answers here. Raises WrongAddress when it is something else."""
        reach(self._address, self._transport)

    def sso_providers(self) -> tuple[str, ...]:
        """The names of the identity providers for single sign-on; () when it is off, or nothing could be learnt."""
        try:
            answer = self._send("GET", "/_allauth/browser/v1/config/")
            return decoded(answer, wire.SsoBody, _SSO, self._host).names() if answer.status == 200 else ()
        except Problem:
            return ()

    def check_credentials(self, username: str, password: Secret) -> CodeWanted | TotpSetUp:
        """Step 1. Raises WrongCredentials for all that the server does not tell apart here, Throttled, …"""
        fields = _credentials(username, password)
        answer = self._send("POST", "/v2/checkcreds/", json=fields)
        try:
            self._refuse(answer, _CHECK, sent=(password,))
        except BadRequest as refusal:
            raise WrongCredentials(self._host, self.sso_providers(), refusal.detail) from None
        body = decoded(answer, wire.CheckCredentialsBody, _CHECK, self._host)
        if body.totp:
            return CodeWanted()
        return TotpSetUp(self._token(body.token, answer, _CHECK))

    def sign_in(self, username: str, password: Secret, code: str) -> SignedIn:
        """Step 2, with the six digits. Raises WrongCode, WrongCredentials (changed since step 1), Throttled, …"""
        fields = _credentials(username, password)
        if not re.fullmatch(r"[0-9]{6}", code):
            raise Incomplete(
                "The one-time code has six digits.", "Type the code that your authenticator app shows now."
            )
        answer = self._send("POST", "/v2/login/", json={**fields, "twofactor": code})
        try:
            self._refuse(answer, _SIGN_IN, sent=(password, Secret(code)))
        except BadRequest as refusal:
            if answer.body.lstrip().startswith(b"{"):
                raise WrongCredentials(self._host, self.sso_providers(), refusal.detail) from None
            raise WrongCode(self._host, self._ahead(answer), refusal.detail) from None
        body = decoded(answer, wire.SignInBody, _SIGN_IN, self._host)
        expiry = body.expiry if body.expiry.tzinfo else body.expiry.replace(tzinfo=UTC)
        return SignedIn(self._token(body.token, answer, _SIGN_IN), expiry, one_line(body.username or username))

    def set_up_totp(self, setup: TotpSetUp) -> TotpKey:
        """Makes the user's key for one-time codes and signs the short-lived token out, whatever came of it.

        The server keeps the key at once and shows it once. Raises AlreadySetUp when there is one.
        """
        try:
            answer = self._send("POST", "/accounts/users/setup_totp/", auth=setup.token.auth(), json={})
            self._refuse(answer, _SET_UP, setup.token)
        except TransportProblem as problem:
            raise TransportProblem(
                f"{problem.what} Whether it made a key for one-time codes is not known.",
                "Start to sign in again. If it asks for a code that no app of yours knows, "
                "have an administrator of the RMM reset your two-factor authentication.",
                problem.detail,
            ) from None
        finally:
            self._sign_out(setup.token)
        if answer.body.strip() == b"false":
            raise AlreadySetUp(self._host)
        body = decoded(answer, wire.TotpBody, _SET_UP, self._host)
        return TotpKey(one_line(body.username or ""), Secret(body.totp_key), Secret(body.qr_url))

    def check_api_key(self, key: ApiKey) -> DashInfo:
        """Uses the key once. Raises SignInAgain when it is not taken. May take 5 seconds (see `dash_info`)."""
        return RmmClient(self._address, self._transport, key).dash_info()

    def _send(self, method: str, path: str, *, auth: Auth | None = None, json: object = None) -> Answer:
        return self._transport.send(method, self._address + path, auth=auth, json=json)

    def _refuse(
        self, answer: Answer, call: Call, credential: Credential | None = None, sent: Sequence[Secret] = ()
    ) -> None:
        if answer.status == 200:
            return
        problem = errors.of_answer(answer, call, self._host, credential, sent)
        if credential is None and isinstance(problem, SignInAgain | NotAllowed):
            raise RmmProblem(
                f"{self._host} does not let anybody sign in from here.",
                "Something in front of the RMM asks for a sign-in of its own: ask whoever runs the server.",
                problem.detail,
            )
        raise problem

    def _token(self, text: str | None, answer: Answer, call: Call) -> SessionToken:
        try:
            return SessionToken(Secret(text or ""))
        except Problem:
            raise errors.of_content(answer, call, self._host, "no usable token in it") from None

    def _ahead(self, answer: Answer) -> float | None:
        """By how many seconds this computer's clock is ahead of the server's; None when the answer has no date."""
        try:
            moment = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ValueError:
            return None
        return self._clock() - moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()

    def _sign_out(self, token: SessionToken) -> None:
        """As good as it goes: the token ends by itself, and its failure must not hide the key or the first error."""
        try:
            RmmClient(self._address, self._transport, token).sign_out()
        except Problem:
            return


def _credentials(username: str, password: Secret) -> dict[str, str]:
    """The fields of a sign-in, both filled: the server fails with 500 on a missing one."""
    if not username.strip():
        raise Incomplete("No user name was entered.", "Type the user name that you have in the RMM.")
    if not password:
        raise Incomplete("No password was entered.", "Type the password of your user in the RMM.")
    return {"username": username.strip(), "password": password.reveal()}
