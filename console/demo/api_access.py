"""Who asks the demo's RMM, and what their role lets them do; the table of its routes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from werkzeug.wrappers import Request, Response

from console.demo.accounts import Accounts, RefusedError, User
from console.demo.fleet import Fleet, Machine

NOT_PROVIDED = "Authentication credentials were not provided."
ID = "([^/]{21,})"
"""An agent id in the path of a route: the router of the real server takes no shorter one."""

Handler = Callable[[Request, str], Response]
"""Gets the request and the part of the path that is in brackets in its route."""


class UnknownAgentError(Exception):
    """There is no such agent."""


class ForbiddenError(Exception):
    """The user's role does not allow it, or does not cover the agent's client."""


@dataclass(frozen=True)
class Route:
    path: re.Pattern[str]
    handlers: dict[str, Handler]
    allow: str = ""
    guarded: bool = True
    throttled: bool = False


def route(path: str, allow: str, *, guarded: bool = True, throttled: bool = False, **handlers: Handler) -> Route:
    """A path with its handlers by method. `allow` is the header that the real server answers with."""
    return Route(re.compile(path), handlers, allow, guarded, throttled)


class Access:
    """Raises RefusedError, ForbiddenError and UnknownAgentError, which become answers."""

    def __init__(self, fleet: Fleet, accounts: Accounts) -> None:
        self.fleet = fleet
        self.accounts = accounts

    def user(self, request: Request) -> User:
        """Who asks: the session token is tried first, and a bad one is final."""
        token = token_of(request)
        if token is not None:
            return self.accounts.user_of_token(token)
        if key := request.headers.get("X-API-KEY"):
            return self.accounts.user_of_key(key)
        raise RefusedError(NOT_PROVIDED)

    def user_with(self, request: Request, right: str) -> User:
        """Who asks, once it is sure that their role has the right."""
        user = self.user(request)
        if not user.role.may(right):
            raise ForbiddenError
        return user

    def lister(self, request: Request) -> User:
        return self.user_with(request, "can_list_agents")

    def machine(self, user: User, agent_id: str) -> Machine | None:
        machine = self.fleet.find(agent_id)
        if machine and not user.role.covers(machine.client):
            raise ForbiddenError
        return machine

    def machine_for(self, request: Request, agent_id: str, right: str) -> Machine:
        """The machine, once it is sure that the user may do this to it: `right` is the RMM's name of it."""
        user = self.user_with(request, right)
        machine = self.machine(user, agent_id)
        if machine is None:
            raise UnknownAgentError
        return machine


def form_of(request: Request) -> dict[str, str]:
    """The texts of a JSON body. Raises msgspec.DecodeError."""
    body = msgspec.json.decode(request.get_data() or b"{}")
    return {name: value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else {}


def token_of(request: Request) -> str | None:
    """The session token; None when the header is missing or has another scheme. Raises RefusedError."""
    parts = request.headers.get("Authorization", "").split()
    if not parts or parts[0].lower() != "token":
        return None
    if len(parts) == 1:
        raise RefusedError("Invalid token header. No credentials provided.")
    if len(parts) > 2:
        raise RefusedError("Invalid token header. Token string should not contain spaces.")
    return parts[1]
