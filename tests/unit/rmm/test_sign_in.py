import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.problem import Problem
from console.rmm.credentials import ApiKey, SessionToken
from console.rmm.errors import BadRequest, Call, RmmProblem, ServerFailed, SignInAgain, Throttled, Unexpected
from console.rmm.models import DashInfo
from console.rmm.reach import check_reached
from console.rmm.refusals import AlreadySetUp, Incomplete, WrongAddress, WrongCode, WrongCredentials
from console.rmm.sign_in import SignedIn, SignIn, TotpKey, TotpSetUp
from console.secret import Secret
from console.transport import Answer, Transport, TransportProblem
from tests.unit.rmm.scripted import HTML, Scripted, answer

PASSWORD = Secret("hunter2-correct-horse")
SETUP = TotpSetUp(SessionToken(Secret("shorttoken")))
BAD = answer("Bad credentials", 400)
SSO_ON = answer(
    {"status": 200, "data": {"socialaccount": {"providers": [{"id": "k", "name": "Keycloak"}, {"id": "e"}]}}}
)


@contextmanager
def signing_in(server: Scripted, clock: Callable[[], float] = time.time) -> Iterator[SignIn]:
    with serve(server) as running:
        yield SignIn(running.address, Transport(), clock)


def problem_of(server: Scripted, call: Callable[[SignIn], object], clock: Callable[[], float] = time.time) -> Problem:
    with signing_in(server, clock) as sign_in, pytest.raises(Problem) as caught:
        call(sign_in)
    assert caught.value.advice
    assert PASSWORD.reveal() not in caught.value.report()
    return caught.value


def check(sign_in: SignIn) -> object:
    return sign_in.check_credentials("tech", PASSWORD)


def enter(sign_in: SignIn) -> object:
    return sign_in.sign_in("tech", PASSWORD, "123456")


def reached(address: str, status: int, content_type: str, body: bytes) -> RmmProblem:
    with pytest.raises(RmmProblem) as caught:
        check_reached(Answer(status, {"Content-Type": content_type}, body, None), Call("x"), address)
    return caught.value


@pytest.mark.parametrize(
    ("address", "status", "content_type", "body", "words", "suggestion"),
    [
        ("https://rmm.example.com", 200, HTML, b"<html>", "web page", "https://api.example.com"),
        ("https://rmm.example.com", 301, HTML, b"", "web page", "https://api.example.com"),
        ("https://rmm.example.com:8443", 302, "", b"", "web page", "https://api.example.com:8443"),
        ("https://tools.example.com", 200, HTML, b"<html>", "web page", None),
        (
            "https://mesh.example.com",
            200,
            HTML,
            b"<title>MeshCentral</title>",
            "is MeshCentral",
            "https://api.example.com",
        ),
        ("https://api.example.com", 400, HTML, b"<h1>Bad Request (400)</h1>", "does not go by this name", None),
        ("https://api.example.com", 200, "application/json", b'{"status":"up"}', "not Tactical RMM", None),
        ("https://api.example.com", 200, "application/json", b"[" * 9000, "not Tactical RMM", None),
        ("https://api.example.com", 404, "application/json", b"{}", "not Tactical RMM", None),
    ],
)
def test_another_address_is_named_for_what_it_is(
    address: str, status: int, content_type: str, body: bytes, words: str, suggestion: str | None
) -> None:
    problem = reached(address, status, content_type, body)
    assert isinstance(problem, WrongAddress)
    assert words in problem.what
    assert problem.suggestion == suggestion
    assert (suggestion or "https://api.DOMAIN") in problem.advice


def test_a_server_that_fails_is_not_called_a_wrong_address() -> None:
    assert isinstance(reached("https://api.example.com", 502, HTML, b"<html>"), ServerFailed)
    assert isinstance(reached("https://api.example.com", 429, HTML, b"<html>"), Throttled)


def test_an_rmm_is_reached() -> None:
    server = Scripted({"/": [answer({"status": "ok"})]})
    with signing_in(server) as sign_in:
        sign_in.reach()
    assert server.asked == [("GET", "/")]


@pytest.mark.parametrize(
    ("response", "names"),
    [
        (SSO_ON, ("Keycloak", "e")),
        (answer({"status": 200, "data": {"socialaccount": {"providers": []}}}), ()),
        (answer({"data": {"socialaccount": {"providers": None}}}), ()),
        (answer({"data": None}), ()),
        (answer([]), ()),
        (answer(b"<html>", 404), ()),
        (answer(b"<html>", 500), ()),
    ],
)
def test_the_providers_for_single_sign_on(response: Response, names: tuple[str, ...]) -> None:
    with signing_in(Scripted({"/_allauth/browser/v1/config/": [response]})) as sign_in:
        assert sign_in.sso_providers() == names


def test_no_server_means_no_providers() -> None:
    with serve(Scripted({})) as running:
        address = running.address
    assert SignIn(address, Transport()).sso_providers() == ()


@pytest.mark.parametrize(("username", "password"), [("", "x"), ("  ", "x"), ("tech", "")])
def test_nothing_is_sent_while_something_is_missing(username: str, password: str) -> None:
    server = Scripted({})
    problem = problem_of(server, lambda sign_in: sign_in.check_credentials(username, Secret(password)))
    assert isinstance(problem, Incomplete)
    problem = problem_of(server, lambda sign_in: sign_in.sign_in(username, Secret(password), "123456"))
    assert isinstance(problem, Incomplete)
    assert server.asked == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "123 456", "١٢٣٤٥٦", "123456\n", "-12345"])
def test_only_six_digits_are_sent(code: str) -> None:
    server = Scripted({})
    assert isinstance(problem_of(server, lambda sign_in: sign_in.sign_in("tech", PASSWORD, code)), Incomplete)
    assert server.asked == []


def test_wrong_credentials_name_all_that_it_may_be() -> None:
    problem = problem_of(Scripted({"/v2/checkcreds/": [BAD]}), check)
    assert isinstance(problem, WrongCredentials)
    assert problem.sso == ()
    assert all(word in problem.advice for word in ("inactive", "blocked", "Settings > Global Settings > API Keys"))


def test_wrong_credentials_lead_to_an_api_key_where_there_is_single_sign_on() -> None:
    server = Scripted({"/v2/checkcreds/": [BAD], "/_allauth/browser/v1/config/": [SSO_ON]})
    problem = problem_of(server, check)
    assert isinstance(problem, WrongCredentials)
    assert problem.sso == ("Keycloak", "e")
    assert all(word in problem.advice for word in ("Keycloak", "Settings > Global Settings > API Keys"))


def test_a_password_that_the_server_repeats_is_not_shown() -> None:
    echo = answer({"password": [f"{PASSWORD.reveal()} is too short"]}, 400)
    problem = problem_of(Scripted({"/v2/checkcreds/": [echo]}), check)
    assert "is too short" in problem.detail


def test_a_password_refused_in_step_2_is_not_called_a_wrong_code() -> None:
    refusal = answer({"non_field_errors": ["Unable to log in with provided credentials."]}, 400)
    assert isinstance(problem_of(Scripted({"/v2/login/": [refusal]}), enter), WrongCredentials)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(700, "12 minutes ahead of"), (-300, "5 minutes behind"), (250, "4 minutes ahead of"), (230, ""), (0, "")],
)
def test_a_wrong_code_explains_clocks_that_differ(ahead: int, words: str) -> None:
    now = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    response = answer("Bad credentials", 400, Date=format_datetime(now, usegmt=True))
    problem = clocked(response, now + timedelta(seconds=ahead))
    assert problem.ahead == ahead
    assert words in problem.advice
    assert ("clocks differ" in problem.advice) == bool(words)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 02:00:00 GMT"])
def test_without_a_date_nothing_is_said_about_clocks(date: str) -> None:
    problem = clocked(answer("Bad credentials", 400, Date=date), datetime(2026, 11, 23, tzinfo=UTC))
    assert problem.ahead is None
    assert "clocks differ" not in problem.advice


class FixedAnswer(Transport):
    """Stands in for the network: a real server adds a Date of its own."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self._answer = Answer(response.status_code, dict(response.headers), response.get_data(), None)

    def send(self, method: str, url: str, **_: object) -> Answer:
        return self._answer


def clocked(response: Response, clock: datetime) -> WrongCode:
    sign_in = SignIn("https://api.example.com", FixedAnswer(response), clock.timestamp)
    with pytest.raises(WrongCode) as caught:
        enter(sign_in)
    return caught.value


def test_signed_in() -> None:
    body = {"expiry": "2026-11-23T07:26:52.538670Z", "token": "ab" * 32, "username": "tech", "name": None}
    with signing_in(Scripted({"/v2/login/": [answer(body)]})) as sign_in:
        signed_in = sign_in.sign_in(" tech ", PASSWORD, "123456")
    expiry = datetime(2026, 11, 23, 7, 26, 52, 538670, UTC)
    assert signed_in == SignedIn(SessionToken(Secret("ab" * 32)), expiry, "tech")


@pytest.mark.parametrize(
    ("path", "body", "call"),
    [
        ("/v2/login/", {"expiry": "2026-11-23T07:26:52Z", "token": ""}, enter),
        ("/v2/login/", {"expiry": "2026-11-23T07:26:52Z", "token": "a\r\nX: 1"}, enter),
        ("/v2/login/", {"expiry": None, "token": "ab"}, enter),
        ("/v2/login/", "ok", enter),
        ("/v2/checkcreds/", {"totp": False}, check),
        ("/v2/checkcreds/", {"totp": "yes"}, check),
        ("/v2/checkcreds/", True, check),
        ("/accounts/users/setup_totp/", True, lambda sign_in: sign_in.set_up_totp(SETUP)),
        ("/accounts/users/setup_totp/", {"totp_key": "x"}, lambda sign_in: sign_in.set_up_totp(SETUP)),
    ],
)
def test_an_answer_that_cannot_be_used_is_unexpected(path: str, body: object, call: Callable[[SignIn], object]) -> None:
    assert isinstance(problem_of(Scripted({path: [answer(body)]}), call), Unexpected)


@pytest.mark.parametrize("status", [401, 403])
def test_a_sign_in_before_the_sign_in_is_not_an_ended_session(status: int) -> None:
    problem = problem_of(Scripted({"/v2/checkcreds/": [answer({"detail": "x"}, status)]}), check)
    assert not isinstance(problem, SignInAgain)
    assert "does not let anybody sign in from here" in problem.what


@pytest.mark.parametrize("status", [429, 500, 502])
def test_no_step_is_repeated(status: int) -> None:
    for path, call in (("/v2/checkcreds/", check), ("/v2/login/", enter)):
        server = Scripted({path: [answer({}, status)]})
        assert isinstance(problem_of(server, call), Throttled | ServerFailed)
        assert server.asked == [("POST", path)]


TOTP = answer({"username": "new", "totp_key": "KEY", "qr_url": "otpauth://totp/x"})


@pytest.mark.parametrize("logout", [answer(b"", 204), answer({}, 401), answer(b"", 500)])
@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (TOTP, None),
        (answer(False), AlreadySetUp),
        (answer({"detail": "x"}, 401), SignInAgain),
        (answer(b"<html>", 500), ServerFailed),
        (answer("no", 400), BadRequest),
        (answer([]), Unexpected),
    ],
)
def test_the_short_token_is_signed_out_whatever_came_of_it(
    response: Response, outcome: type[Problem] | None, logout: Response
) -> None:
    server = Scripted({"/accounts/users/setup_totp/": [response], "/logout/": [logout]})
    if outcome:
        assert type(problem_of(server, lambda sign_in: sign_in.set_up_totp(SETUP))) is outcome
    else:
        with signing_in(server) as sign_in:
            assert sign_in.set_up_totp(SETUP) == TotpKey("new", Secret("KEY"), Secret("otpauth://totp/x"))
    assert server.asked == [("POST", "/accounts/users/setup_totp/"), ("POST", "/logout/")]
    assert {headers["Authorization"] for headers in server.headers} == {"Token shorttoken"}


def test_a_set_up_whose_answer_is_lost_says_what_that_may_mean() -> None:
    with serve(Scripted({})) as running:
        address = running.address
    with pytest.raises(TransportProblem) as caught:
        SignIn(address, Transport()).set_up_totp(SETUP)
    assert "is not known" in caught.value.what
    assert "administrator" in caught.value.advice


def test_an_api_key_is_tried_once() -> None:
    server = Scripted({"/core/dashinfo/": [answer({"trmm_version": "1.5.1"})]})
    with signing_in(server) as sign_in:
        assert sign_in.check_api_key(ApiKey(Secret("AB12"))) == DashInfo("1.5.1", False, False)
    assert server.headers[0]["X-Api-Key"] == "AB12"
