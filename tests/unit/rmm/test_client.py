from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey, SessionToken
from console.rmm.errors import (
    AgentRefused,
    AgentSilent,
    BadRequest,
    NotAllowed,
    ServerFailed,
    SignInAgain,
    Throttled,
    Unexpected,
)
from console.rmm.models import AgentNow, AgentStatus, DashInfo
from console.secret import Secret
from console.transport import Transport
from tests.unit.rmm.scripted import Scripted, answer

ID = "WVrliBIICKfKbljkAMiTcVmjmDhCUSIbZoEolipB"
KEY = ApiKey(Secret("KEYKEYKEYKEY"))
TOKEN = SessionToken(Secret("tokentoken"))
LINKS = {"control": "https://m/?login=T1", "terminal": "t", "file": "f", "hostname": "H", "status": "x"}


def asking(server: Scripted, call: Callable[[RmmClient], object], credential: ApiKey | SessionToken = KEY) -> object:
    """What the call answers, or the Problem that it raises."""
    with serve(server) as running:
        try:
            return call(RmmClient(running.address, Transport(), credential))
        except Problem as problem:
            return problem


def dash_info(client: RmmClient) -> object:
    return client.dash_info()


def of_dash_info(response: Response, credential: ApiKey | SessionToken = KEY) -> object:
    return asking(Scripted({"/core/dashinfo/": [response]}), dash_info, credential)


def test_only_the_header_of_the_credential_is_sent() -> None:
    server = Scripted({"/core/dashinfo/": [answer({"trmm_version": "1.5.1", "sso_enabled": True, "dark_mode": 5})]})
    assert asking(server, dash_info) == DashInfo("1.5.1", True, False)
    assert asking(server, dash_info, TOKEN) == DashInfo("1.5.1", True, False)
    assert [(sent.get("X-Api-Key"), sent.get("Authorization")) for sent in server.headers] == [
        ("KEYKEYKEYKEY", None),
        (None, "Token tokentoken"),
    ]


@pytest.mark.parametrize("agent_id", ["", "short", "../" * 10, f"{ID}/x", f"{ID}?x=1", f"{ID}\n", "ü" * 40, "a" * 201])
def test_an_id_that_would_leave_its_place_in_the_path_is_not_sent(agent_id: str) -> None:
    server = Scripted({})
    for call in (lambda client: client.agent_status(agent_id), lambda client: client.mesh_links(agent_id)):
        assert isinstance(asking(server, call), Problem)
    assert server.asked == []


def test_a_list_is_asked_for_again_when_the_proxy_could_not_reach_the_rmm() -> None:
    server = Scripted({"/agents/": [answer(b"", 502), answer([{"agent_id": ID, "status": "overdue"}])]})
    listed = asking(server, lambda client: client.agents())
    assert [agent.status for agent in listed.agents] == [AgentStatus.OVERDUE]  # type: ignore[attr-defined]
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_session_links_are_asked_for_once(status: int) -> None:
    server = Scripted({f"/agents/{ID}/meshcentral/": [answer(b"", status), answer(LINKS)]})
    assert isinstance(asking(server, lambda client: client.mesh_links(ID)), ServerFailed)
    assert server.asked == [("GET", f"/agents/{ID}/meshcentral/")]


def test_session_links_with_missing_and_unknown_words() -> None:
    server = Scripted({f"/agents/{ID}/meshcentral/": [answer({**LINKS, "client": None})]})
    links = asking(server, lambda client: client.mesh_links(ID))
    assert (links.client, links.site, links.status) == ("", "", AgentStatus.UNKNOWN)  # type: ignore[attr-defined]
    assert "T1" not in repr(links)


def test_an_unknown_status_is_unknown() -> None:
    server = Scripted({f"/agents/{ID}/": [answer({"status": "asleep"})]})
    assert asking(server, lambda client: client.agent_status(ID)) is AgentStatus.UNKNOWN


def test_signing_out_is_asked_for_once() -> None:
    server = Scripted({"/logout/": [answer(b"", 204)]})
    assert asking(server, lambda client: client.sign_out(), TOKEN) is None
    assert server.asked == [("POST", "/logout/")]


@pytest.mark.parametrize(
    "response",
    [
        answer(b"<html>Welcome to the hotel</html>"),
        answer([]),
        answer("text"),
        answer({}),
        answer({"trmm_version": None}),
        answer({"trmm_version": 5}),
        Response(b"", content_type="application/json"),
        Response(b'{"trmm_version"', content_type="application/json"),
        Response(b'{"trmm_version":"\xff"}', content_type="application/json"),
        Response(b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", content_type="application/json"),
        Response(b'{"sso_enabled":' + b"9" * 9000 + b"}", content_type="application/json"),
        answer({}, 302, Location="https://elsewhere.example/?token=abc"),
        answer({}, 418),
        answer(b"gone", 404),
        answer(b"<html>refused by the proxy</html>", 403),
    ],
    ids=range(15),
)
def test_an_answer_that_an_rmm_does_not_give(response: Response) -> None:
    problem = of_dash_info(response)
    assert isinstance(problem, Unexpected)
    assert problem.advice
    assert "abc" not in problem.report()


def test_a_list_that_is_no_array_is_unexpected() -> None:
    for body in (answer({"detail": "x"}), answer(b"<html>"), answer(None)):
        assert isinstance(asking(Scripted({"/agents/": [body]}), lambda client: client.agents()), Unexpected)


def test_a_redirect_is_not_followed() -> None:
    server = Scripted({"/core/dashinfo/": [answer({}, 307, Location="/logout/")]})
    problem = asking(server, dash_info)
    assert isinstance(problem, Unexpected)
    assert server.asked == [("GET", "/core/dashinfo/")]


@pytest.mark.parametrize(
    ("text", "credential", "words"),
    [
        ("Invalid token.", TOKEN, "Your sign-in at"),
        ("User inactive or deleted.", TOKEN, "Your user at"),
        ("", TOKEN, "Your sign-in at"),
        ("Invalid token.", KEY, "does not know this API key"),
        ("The token has expired.", KEY, "has expired"),
        ("User inactive or deleted.", KEY, "The user that the API key"),
    ],
)
def test_401_says_what_to_do_for_each_credential(text: str, credential: ApiKey | SessionToken, words: str) -> None:
    problem = of_dash_info(answer({"detail": text}, 401), credential)
    assert isinstance(problem, SignInAgain)
    assert words in problem.what
    assert ("API Keys" in problem.advice) == (credential is KEY and "inactive" not in text)


def test_403_names_the_right() -> None:
    server = Scripted({f"/agents/{ID}/meshcentral/": [answer({"detail": "no"}, 403)]})
    problem = asking(server, lambda client: client.mesh_links(ID))
    assert isinstance(problem, NotAllowed)
    assert "can_use_mesh" in problem.advice


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"Retry-After": "59"}, "", 59),
        ({"Retry-After": "0"}, "", 1),
        ({"Retry-After": "999999999"}, "", 86_400),
        ({}, "Expected available in 12 seconds.", 12),
        ({"Retry-After": "soon"}, "", 60),
        ({"Retry-After": "Mon, 23 Nov 2020 02:00:00 GMT"}, "", 1),
        ({"Retry-After": "Mon, 23 Nov 2099 02:00:00 GMT"}, "", 86_400),
        ({"Retry-After": "-5"}, "", 60),
        ({}, "", 60),
    ],
)
def test_429_carries_the_seconds(headers: dict[str, str], text: str, seconds: int) -> None:
    problem = of_dash_info(
        answer({"detail": text}, 429, **{name.replace("-", "_"): it for name, it in headers.items()})
    )
    assert isinstance(problem, Throttled)
    assert problem.seconds == seconds


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second:"), (90, "90 seconds:"), (121, "3 minutes:"), (7200, "2 hours:")]
)
def test_the_wait_is_said_in_a_fitting_unit(seconds: int, words: str) -> None:
    problem = of_dash_info(answer({}, 429, Retry_After=str(seconds)))
    assert isinstance(problem, Throttled)
    assert words in problem.what


def test_400_quotes_the_server_without_the_credential() -> None:
    problem = of_dash_info(answer({"field": ["bad\x07 KEYKEYKEYKEY " + "x" * 900]}, 400))
    assert isinstance(problem, BadRequest)
    assert problem.text.startswith("field: bad … xxx")
    assert len(problem.report()) < 1200
    assert "KEYKEY" not in problem.report()


def test_headers_cannot_bring_the_credential_into_an_error() -> None:
    for response in (
        Response(b"", 418, content_type="KEYKEYKEYKEY/x"),
        answer({}, 302, Location="https://keykeykeykey.example/KEYKEYKEYKEY"),
    ):
        problem = of_dash_info(response)
        assert isinstance(problem, Unexpected)
        assert "keykey" not in problem.report().lower()


@pytest.mark.parametrize(
    ("status", "words"), [(500, "error of its own"), (502, "does not answer"), (504, "does not answer")]
)
def test_5xx_tells_the_rmm_from_the_proxy_before_it(status: int, words: str) -> None:
    server = Scripted({f"/agents/{ID}/meshcentral/": [answer(b"<html>", status)]})
    problem = asking(server, lambda client: client.mesh_links(ID))
    assert isinstance(problem, ServerFailed)
    assert words in problem.what


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda client: client.reboot(ID), f"/agents/{ID}/reboot/"),
        (lambda client: client.restart_mesh_agent(ID), f"/services/{ID}/mesh agent/"),
        (lambda client: client.recover_mesh(ID), f"/agents/{ID}/meshcentral/recover/"),
    ],
)
class TestActions:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_what_has_an_effect_is_asked_for_once(
        self, call: Callable[[RmmClient], object], path: str, status: int
    ) -> None:
        server = Scripted({path: [answer(b"", status), answer("ok")]})
        assert isinstance(asking(server, call), ServerFailed)
        assert server.asked == [("POST", path)]

    @pytest.mark.parametrize(("said", "status"), [("natsdown", 200), ("timeout", 200), ("timeout", 400)])
    def test_silence_comes_in_several_forms(
        self, call: Callable[[RmmClient], object], path: str, said: str, status: int
    ) -> None:
        problem = asking(Scripted({path: [answer(said, status)]}), call)
        assert isinstance(problem, AgentSilent)
        assert said in problem.detail

    def test_what_the_agent_says_is_passed_on_in_one_line(self, call: Callable[[RmmClient], object], path: str) -> None:
        problem = asking(Scripted({path: [answer("no\n" + "x" * 1000, 400)]}), call)
        assert isinstance(problem, AgentRefused)
        assert "no xxx" in problem.what
        assert len(problem.what) < 600

    def test_another_body_is_not_taken_for_success(self, call: Callable[[RmmClient], object], path: str) -> None:
        assert isinstance(asking(Scripted({path: [answer({"ok": True})]}), call), Unexpected)


def test_a_restart_needs_the_word_ok() -> None:
    server = Scripted({f"/agents/{ID}/reboot/": [answer("maybe")]})
    assert isinstance(asking(server, lambda client: client.reboot(ID)), AgentRefused)


@pytest.mark.parametrize(("status", "there"), [("online", True), ("offline", False), ("else", False)])
def test_whether_an_agent_answers(status: str, there: bool) -> None:
    server = Scripted({f"/agents/{ID}/ping/": [answer({"name": "H", "status": status})]})
    assert asking(server, lambda client: client.answers(ID)) is there


@pytest.mark.parametrize(("sent", "read"), [(1234.5, 1234.5), (None, None), (-1, None), (1e18, None)])
def test_when_a_machine_started(sent: float | None, read: float | None) -> None:
    server = Scripted({f"/agents/{ID}/": [answer({"status": "online", "boot_time": sent})]})
    assert asking(server, lambda client: client.agent_now(ID)) == AgentNow(AgentStatus.ONLINE, read)
