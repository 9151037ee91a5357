"""The demo's users with random credentials, and sign-in, token life and throttling as Tactical RMM does them.

Everything is kept in memory and made anew with each start (rmm-api, authentication).
"""

import base64
import hashlib
import hmac
import math
import secrets
import string
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from console.secret import Secret

TOKEN_SECONDS = 5 * 3600.0
SETUP_TOKEN_SECONDS = 180.0
_REFRESH_AFTER = 600.0
_STEP = 30
_STEPS_EITHER_WAY = 10
_DAILY = 300


@dataclass(frozen=True)
class Role:
    """What a user may do. `lacks` holds the RMM's names of rights, such as "can_use_mesh"; without `active` there are
    none at all. `clients` limits it to clients by name; None means all of them."""

    lacks: frozenset[str] = frozenset()
    clients: frozenset[str] | None = None
    active: bool = True

    def may(self, right: str) -> bool:
        return self.active and right not in self.lacks

    def covers(self, client: str) -> bool:
        return self.clients is None or client in self.clients


@dataclass
class User:
    """A user of the demo. `totp_key` is Base32; None until the user has set up one-time codes."""

    name: str
    password: Secret
    totp_key: Secret | None
    role: Role
    active: bool = True
    blocked: bool = False
    sso: bool = False


@dataclass(frozen=True)
class Key:
    """An API key. `expiry` is in Unix seconds."""

    secret: Secret
    user: User
    expiry: float | None = None


@dataclass
class _Session:
    user: User
    expiry: float


_ONLY_LOOKS = frozenset(
    {
        "can_edit_agent",
        "can_manage_winsvcs",
        "can_reboot_agents",
        "can_recover_agents",
        "can_run_checks",
        "can_send_wol",
        "can_use_mesh",
    }
)
_NOTHING = Role(clients=frozenset(), active=False)


class RefusedError(Exception):
    """Credentials that are not taken. Its text is the `detail` of the server's 401."""


class Accounts:
    """Users by attribute, their keys, and the tokens that were given out. Safe to use from any thread."""

    def __init__(self, limited_to: str, clock: Callable[[], float] = time.time, per_minute: int | None = 10) -> None:
        """`limited_to` is the one client that the user `limited` sees; `per_minute` None switches throttling off."""
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._attempts: dict[tuple[str, str], list[float]] = {}
        self.per_minute = per_minute
        self.technician = _user("technician")
        self.newcomer = _user("newcomer", with_totp=False)
        self.blocked = _user("blocked", blocked=True)
        self.inactive = _user("inactive", active=False)
        self.sso_only = _user("sso", sso=True)
        self.viewer = _user("viewer", Role(_ONLY_LOOKS))
        self.limited = _user("limited", Role(clients=frozenset({limited_to})))
        self.without_role = _user("norole", _NOTHING)
        self.users = (
            self.technician,
            self.newcomer,
            self.blocked,
            self.inactive,
            self.sso_only,
            self.viewer,
            self.limited,
            self.without_role,
        )
        self.key = _key(self.technician)
        self.expired_key = _key(self.technician, expiry=clock() - 3600)
        self.inactive_key = _key(self.inactive)
        self.blocked_key = _key(self.blocked)
        self.viewer_key = _key(self.viewer)
        self.limited_key = _key(self.limited)
        self.without_role_key = _key(self.without_role)
        self.keys = (
            self.key,
            self.expired_key,
            self.inactive_key,
            self.blocked_key,
            self.viewer_key,
            self.limited_key,
            self.without_role_key,
        )

    def find(self, name: str, password: str) -> User | None:
        """The active user whose password this is; a blocked user and one with single sign-on are found as well."""
        user = next((user for user in self.users if user.name == name), None)
        right = user is not None and hmac.compare_digest(user.password.reveal().encode(), password.encode())
        return user if user and right and user.active else None

    def code_is_right(self, user: User, code: str) -> bool:
        """Whether a one-time code fits within 10 steps (5 minutes) either way."""
        if user.totp_key is None:
            return False
        now = self._clock()
        return any(
            hmac.compare_digest(totp_code(user.totp_key, now + step * _STEP), code)
            for step in range(-_STEPS_EITHER_WAY, _STEPS_EITHER_WAY + 1)
        )

    def code(self, user: User) -> str:
        """The one-time code that an authenticator app shows now."""
        if user.totp_key is None:
            raise ValueError(f"{user.name} has no key for one-time codes")
        return totp_code(user.totp_key, self._clock())

    def set_up_totp(self, user: User) -> Secret | None:
        """A new key for one-time codes; None when the user has one."""
        with self._lock:
            if user.totp_key is not None:
                return None
            user.totp_key = _totp_key()
            return user.totp_key

    def new_token(self, user: User, seconds: float = TOKEN_SECONDS) -> tuple[str, float]:
        """A session token and the Unix seconds at which it expires when nobody uses it."""
        token, now = secrets.token_hex(32), self._clock()
        with self._lock:
            self._sessions[token] = _Session(user, now + seconds)
        return token, now + seconds

    def user_of_token(self, token: str) -> User:
        """The user of a session token. A use moves its expiry, at most every 10 minutes. Raises RefusedError."""
        now = self._clock()
        with self._lock:
            session = self._sessions.get(token)
            if session is None or session.expiry <= now:
                self._sessions.pop(token, None)
                raise RefusedError("Invalid token.")
            if not session.user.active:
                raise RefusedError("User inactive or deleted.")
            if session.expiry < now + TOKEN_SECONDS - _REFRESH_AFTER:
                session.expiry = now + TOKEN_SECONDS
            return session.user

    def user_of_key(self, text: str) -> User:
        """The user that an API key is of. Raises RefusedError."""
        key = next((key for key in self.keys if hmac.compare_digest(key.secret.reveal().encode(), text.encode())), None)
        if key is None:
            raise RefusedError("Invalid token.")
        if key.expiry is not None and key.expiry <= self._clock():
            raise RefusedError("The token has expired.")
        if not key.user.active:
            raise RefusedError("User inactive or deleted.")
        return key.user

    def end_token(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(token, None)

    def end_all_tokens(self) -> None:
        """As when an administrator ends everybody's sessions, or all of them have expired."""
        with self._lock:
            self._sessions.clear()

    def open_tokens(self) -> int:
        """How many session tokens are good now."""
        now = self._clock()
        with self._lock:
            return sum(session.expiry > now for session in self._sessions.values())

    def wait(self, path: str, address: str) -> int | None:
        """Counts an attempt, successes too. None when it may go on, else the seconds to wait."""
        if self.per_minute is None:
            return None
        now = self._clock()
        with self._lock:
            seen = [moment for moment in self._attempts.get((path, address), []) if moment > now - 86_400]
            self._attempts[path, address] = seen
            last_minute = [moment for moment in seen if moment > now - 60]
            if len(last_minute) >= self.per_minute:
                return math.ceil(last_minute[-self.per_minute] + 60 - now)
            if len(seen) >= _DAILY:
                return math.ceil(seen[-_DAILY] + 86_400 - now)
            seen.append(now)
            return None


def totp_code(key: Secret, at: float) -> str:
    """The six digits of RFC 6238 (SHA-1, 30 seconds) for a Base32 key at a moment in Unix seconds."""
    digest = hmac.digest(base64.b32decode(key.reveal()), struct.pack(">Q", int(at) // _STEP), hashlib.sha1)
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _user(
    name: str,
    role: Role | None = None,
    *,
    with_totp: bool = True,
    active: bool = True,
    blocked: bool = False,
    sso: bool = False,
) -> User:
    key = _totp_key() if with_totp else None
    return User(name, Secret(secrets.token_urlsafe(12)), key, role or Role(), active, blocked, sso)


def _totp_key() -> Secret:
    return Secret(base64.b32encode(secrets.token_bytes(20)).decode())


def _key(user: User, expiry: float | None = None) -> Key:
    letters = string.ascii_uppercase + string.digits
    return Key(Secret("".join(secrets.choice(letters) for _ in range(32))), user, expiry)
