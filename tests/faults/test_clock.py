"""A clock that is an hour off, this computer's or the server's: what depends on it says so, and nothing else does."""

import datetime
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from console.rmm import errors
from console.rmm.errors import Call, Throttled
from console.sessions.progress import State
from console.sessions.sign_in_flow import Step
from console.transport import Answer
from tests.faults.faulty import Faulty, faulty_rmm
from tests.faults.list_server import JSON, good, rows, sends
from tests.faults.window import Office

HOUR = 3600.0


@pytest.fixture
def rmm() -> Iterator[Faulty]:
    with faulty_rmm() as made:
        yield made


@pytest.mark.parametrize(("off", "side"), [(-HOUR, "ahead of"), (HOUR, "behind")])
def test_a_code_that_is_not_taken(office: Office, rmm: Faulty, off: float, side: str) -> None:
    """`off` is by how much the server's clock differs from ours."""
    date = f"Date: {formatdate(time.time() + off, usegmt=True)}"
    rmm.break_("POST /v2/login/", sends(b'"Bad credentials"', "400 Bad Request", JSON, date))
    office.field("API address of your Tactical RMM").setText(rmm.address)
    office.press("Continue")
    office.until(lambda: office.app.flow.step is Step.CREDENTIALS)
    office.field("User name").setText("tech")
    office.field("Password").setText("a secret")
    office.press("Continue")
    office.until(lambda: office.app.flow.step is Step.CODE)
    office.field("One-time code").setText("123456")
    office.says(f"did not take this one-time code.*this computer's is 60 minutes {side} the server's")


@pytest.mark.parametrize("off", [-HOUR, 0.0, HOUR])
def test_the_wait_that_a_server_asks_for_is_counted_by_its_own_clock(off: float) -> None:
    now = time.time() + off
    headers = {"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + 90, usegmt=True)}
    problem = errors.of_answer(Answer(429, headers, b"", None), Call("the list of agents"), "api.example.com", None)
    assert isinstance(problem, Throttled)
    assert 88 <= problem.seconds <= 92


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_the_list_and_the_sessions_go_by_what_the_server_says(office: Office, rmm: Faulty, off: float) -> None:
    """Who is online is the server's word, whatever the times in its rows are here."""
    seen = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=off)
    rmm.break_("GET /agents/ ", good(rows(last_seen=seen.isoformat())))
    page = office.sign_in(rmm)
    assert {agent.status.value for agent in page.watch.store.agents()} == {"online"}
    assert not page.watch.bad_rows
    session = office.open()
    office.until(lambda: session.state is State.FAILED)  # there is no MeshCentral here
    office.says("MeshCentral at .* does not answer", lambda: office.tab_of(session))
    assert office.app.unhandled.dialog is None
