import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mesh.errors import AgentSaid, ConsentDenied, ConsentImpossible, ConsentTimedOut, NodeNotFound
from console.mesh.report import (
    AgentMessage,
    AgentPresence,
    FirstData,
    NodeMissing,
    Ready,
    Report,
    SignInShown,
    TriedToLeave,
    TunnelState,
    Unfamiliar,
)
from console.problem import Problem
from console.sessions.progress import LIVE, PAGE_SHOWN, Progress, State, consent_refusal

ATTEMPTS = st.integers(0, 3)
REPORTS: st.SearchStrategy[Report] = st.one_of(
    st.builds(SignInShown, ATTEMPTS),
    st.builds(Ready, ATTEMPTS, st.booleans()),
    st.builds(NodeMissing, ATTEMPTS),
    st.builds(Unfamiliar, ATTEMPTS, st.just("go")),
    st.builds(TunnelState, ATTEMPTS, st.integers(0, 3)),
    st.builds(FirstData, ATTEMPTS),
    st.builds(AgentMessage, ATTEMPTS, st.sampled_from([None, 0, 1, 2, 3]), st.sampled_from([None, "", "denied", "x"])),
    st.builds(TriedToLeave, ATTEMPTS),
    st.builds(AgentPresence, ATTEMPTS, st.booleans()),
)
CONNECTED = (Ready(0), TunnelState(1, 1), TunnelState(1, 2), TunnelState(1, 3), FirstData(1))
ASKING = (Ready(0), TunnelState(1, 1), TunnelState(1, 3), AgentMessage(1, 1, "Waiting for user"))

SCREEN_LOST = AgentMessage(1, None, "KVM Child process has unexpectedly exited")


def after(*reports: Report) -> Progress:
    progress = Progress()
    progress.go_to(State.OPENING)
    for report in reports:
        progress.apply(report)
    return progress


def test_it_begins_with_the_question() -> None:
    assert Progress().state is State.ASKED
    assert Progress().problem is None


def test_the_way_to_a_live_session() -> None:
    states = [after(*CONNECTED[:count]).state for count in range(len(CONNECTED) + 1)]
    assert states == [State.OPENING] + [State.CONNECTING] * 4 + [State.CONNECTED]


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ((SignInShown(),), State.SIGNING_IN),
        ((SignInShown(), Ready()), State.CONNECTING),
        ((Ready(online=False),), State.MESH_OFFLINE),
        ((Ready(online=False), Ready(online=True)), State.CONNECTING),
        ((Ready(), AgentPresence(online=False)), State.MESH_OFFLINE),
        ((Ready(online=False), AgentPresence(online=True)), State.CONNECTING),
        ((*CONNECTED, AgentPresence(1, online=False)), State.CONNECTED),
        ((*ASKING, AgentPresence(1, online=True)), State.CONSENT),
        ((*CONNECTED, TunnelState(1, 0), TunnelState(1, 3), FirstData(1)), State.LOST),
        ((Unfamiliar(missing="go"),), State.BY_HAND),
        ((NodeMissing(),), State.FAILED),
        (ASKING, State.CONSENT),
        ((*ASKING, AgentMessage(1)), State.CONNECTING),
        ((*ASKING, FirstData(1)), State.CONNECTED),
        ((*CONNECTED, AgentMessage(1, 1, "Asking again")), State.CONNECTED),
        ((*CONNECTED, Ready(1)), State.CONNECTED),
        ((*CONNECTED, TriedToLeave(1)), State.CONNECTED),
        ((*CONNECTED, SCREEN_LOST), State.LOST),
        ((*CONNECTED[:-1], SCREEN_LOST, FirstData(1)), State.LOST),
        ((*CONNECTED, SCREEN_LOST, TunnelState(1, 0), TunnelState(2, 1)), State.CONNECTING),
        ((*CONNECTED, TunnelState(1, 0)), State.LOST),
        ((*CONNECTED, TunnelState(1, 0), TunnelState(1, 0)), State.LOST),
        ((*CONNECTED, TunnelState(1, 0), TunnelState(2, 1)), State.CONNECTING),
        ((*CONNECTED, TunnelState(2, 1)), State.CONNECTING),
        ((*CONNECTED, TunnelState(2, 1), TunnelState(2, 0)), State.FAILED),
        ((*ASKING, TunnelState(2, 1)), State.CONNECTING),
        ((*CONNECTED, TunnelState(1, 0), TunnelState(2, 1), TunnelState(2, 3), FirstData(2)), State.CONNECTED),
        ((Ready(), TunnelState(1, 1), TunnelState(1, 0)), State.FAILED),
        ((*ASKING, TunnelState(1, 0)), State.FAILED),
        ((FirstData(1),), State.OPENING),
        ((Ready(), TunnelState(1, 1), FirstData(1)), State.CONNECTING),
    ],
)
def test_where_reports_lead(reports: tuple[Report, ...], state: State) -> None:
    assert after(*reports).state is state


@pytest.mark.parametrize(
    ("reports", "problem"),
    [
        ((NodeMissing(),), NodeNotFound),
        ((*ASKING, AgentMessage(1, 2, "denied"), TunnelState(1, 0)), ConsentDenied),
        ((*ASKING, AgentMessage(1, 2, "timeout"), TunnelState(1, 0)), ConsentTimedOut),
        ((*ASKING, AgentMessage(1, 2, "no display"), TunnelState(1, 0)), ConsentImpossible),
        ((Ready(), TunnelState(1, 1), AgentMessage(1, 5, "No KVM"), TunnelState(1, 0)), AgentSaid),
    ],
)
def test_why_it_failed(reports: tuple[Report, ...], problem: type[Problem]) -> None:
    progress = after(*reports)
    assert progress.state is State.FAILED
    assert isinstance(progress.problem, problem)


def test_a_lost_session_is_told_from_one_that_never_was() -> None:
    lost, never = after(*CONNECTED, TunnelState(1, 0)), after(Ready(), TunnelState(1, 1), TunnelState(1, 0))
    assert lost.problem is not None
    assert never.problem is not None
    assert lost.problem.what != never.problem.what


def test_the_end_that_is_reported_twice_keeps_its_first_reason() -> None:
    progress = after(*CONNECTED, TunnelState(1, 0))
    reason = progress.problem
    progress.apply(TunnelState(1, 0))
    assert progress.problem is reason


def test_what_an_earlier_connection_reports_is_dropped() -> None:
    progress = after(*CONNECTED, TunnelState(2, 1))
    for stale in (*CONNECTED, TunnelState(1, 0), AgentMessage(1, 2, "denied")):
        progress.apply(stale)
        assert progress.state is State.CONNECTING
    assert progress.problem is None
    progress.apply(TunnelState(2, 0))
    assert not isinstance(progress.problem, ConsentDenied)


def test_another_try_in_the_same_page_counts_its_own_connection_only() -> None:
    progress = after(Ready(), TunnelState(1, 1), AgentMessage(1, 2, "denied"), TunnelState(1, 0))
    states = [progress.state]
    progress.try_again()
    assert progress.problem is None
    for stale in (TunnelState(1, 3), FirstData(1), AgentMessage(1, 1, "asking"), TunnelState(1, 0)):
        progress.apply(stale)
        states.append(progress.state)
    progress.apply(AgentPresence(1, online=False))
    states.append(progress.state)
    for report in (AgentPresence(1, online=True), TunnelState(2, 1), TunnelState(2, 3), FirstData(2)):
        progress.apply(report)
    states.append(progress.state)
    assert states == [State.FAILED, *[State.OPENING] * 4, State.MESH_OFFLINE, State.CONNECTED]


def test_what_fails_while_the_remote_user_is_asked_never_was_connected() -> None:
    progress = after(*ASKING)
    progress.fail(Problem("The page died."))
    assert progress.state is State.FAILED


def test_a_connection_without_data_settles() -> None:
    progress = after(*CONNECTED[:-1])
    assert progress.silent
    progress.settle()
    assert progress.state is State.CONNECTED
    assert not progress.silent


@pytest.mark.parametrize("reports", [(), CONNECTED[:2], ASKING, CONNECTED, (*CONNECTED, TunnelState(1, 0))])
def test_nothing_else_settles(reports: tuple[Report, ...]) -> None:
    progress = after(*reports)
    before = progress.state
    assert not progress.silent
    progress.settle()
    assert progress.state is before


@pytest.mark.parametrize("end", [State.CLOSED, State.FAILED])
def test_after_the_end_no_report_counts(end: State) -> None:
    progress = after(*CONNECTED)
    progress.go_to(end)
    for report in (*CONNECTED, SignInShown(), NodeMissing(), TunnelState(9, 0)):
        progress.apply(report)
    assert progress.state is end


@given(st.lists(REPORTS, max_size=20))
def test_any_reports_leave_it_in_order(reports: list[Report]) -> None:
    progress = Progress()
    newest = over = 0
    relayed = False
    for report in reports:
        before = (progress.state, progress.problem)
        progress.apply(report)
        if report.attempt < newest or before[0] in (State.FAILED, State.CLOSED):
            assert (progress.state, progress.problem) == before
            continue
        relayed = relayed and report.attempt == newest
        newest = report.attempt
        if isinstance(report, TunnelState) and (report.attempt == 0 or report.attempt > over):
            relayed = report.state == 3 or (relayed and report.state > 0)
            if report.state == 0 and before[0] is not State.LOST:
                over = newest
        assert (progress.problem is not None) is (progress.state in (State.LOST, State.FAILED))
        if progress.state is State.CONNECTED and before[0] is not State.CONNECTED:
            assert relayed
            assert isinstance(report, FirstData)


def test_the_sets_of_states_agree() -> None:
    assert LIVE <= PAGE_SHOWN
    assert not PAGE_SHOWN & {State.FAILED, State.LOST, State.CLOSED, State.ASKED, State.OFFLINE, State.WAITING}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("denied", ConsentDenied),
        (" DENIED ", ConsentDenied),
        ("7", ConsentDenied),
        ("timeout", ConsentTimedOut),
        ("32000", ConsentTimedOut),
        ("Unable to show the question", ConsentImpossible),
    ],
)
def test_what_the_agent_s_dialog_answers(text: str, problem: type[Problem]) -> None:
    assert isinstance(consent_refusal(text), problem)
