"""The rules of coming back, without a page: what follows what, and after which pause."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mesh import errors as mesh
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed, SignInAgain
from console.sessions.recovery import Patience, Recovery, Way, ended_there, is_final
from console.transport import CertificateUntrusted

GONE = mesh.MeshGone()
REFUSED = mesh.TokenRefused("mesh")


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def lost(failures: int = 0, clock: Clock | None = None) -> Recovery:
    return Recovery(GONE, Patience(), failures=failures, now=clock or Clock(), chance=lambda: 0.5)


def test_pauses_grow_and_stay() -> None:
    assert [Patience().pause(failures, 0.5) for failures in range(9)] == [0, 1, 2, 4, 8, 15, 30, 30, 30]


@given(st.integers(1, 50), st.floats(0, 1))
def test_no_two_consoles_try_at_the_same_moment(failures: int, chance: float) -> None:
    patience = Patience()
    pause, middle = patience.pause(failures, chance), patience.pause(failures, 0.5)
    assert middle * (1 - patience.spread) <= pause * 1.000001
    assert pause <= middle * (1 + patience.spread) * 1.000001
    assert patience.pause(failures, 0.0) < patience.pause(failures, 1.0)


def test_the_far_end_is_listened_to_first() -> None:
    recovery = lost()
    assert recovery.begin(Way.LISTEN) == Patience().far_end
    recovery.started()
    assert recovery.lost.tries == 0, "listening is not trying"
    assert recovery.not_ended_there() == 0
    assert recovery.way is Way.IN_PAGE


def test_a_server_that_stays_away_is_asked_ever_more_rarely() -> None:
    recovery = lost()
    pauses = [recovery.begin(Way.RELOAD)]
    for _ in range(8):
        recovery.started()
        pauses.append(recovery.server_silent(mesh.MeshUnreachable("mesh", "")))
        assert recovery.way is Way.RELOAD
    assert pauses == [0, 1, 2, 4, 8, 15, 30, 30, 30]
    assert recovery.lost.tries == 8
    assert recovery.lost.automatic


def test_losing_the_page_while_waiting_in_it_is_no_failed_try() -> None:
    recovery = lost()
    recovery.begin(Way.LISTEN)
    assert recovery.page_gone(GONE) == 0
    assert recovery.way is Way.RELOAD
    assert recovery.page_gone(GONE) == 1, "a load that fails is one"


def test_a_cookie_that_does_not_serve_costs_a_token_then_an_audit_entry_then_nothing() -> None:
    recovery = lost()
    recovery.begin(Way.RELOAD)
    ways: list[Way] = []
    for _ in range(2):
        assert recovery.signed_out(REFUSED, fresh=True) == 0
        ways.append(recovery.way)
    assert ways == [Way.SIGN_IN, Way.NEW_LINK]
    recovery.linked()
    assert recovery.signed_out(REFUSED, fresh=True) is None
    assert not recovery.lost.automatic
    assert recovery.lost.problem is REFUSED


def test_an_old_token_is_not_traded() -> None:
    recovery = lost()
    recovery.begin(Way.RELOAD)
    recovery.signed_out(REFUSED, fresh=False)
    assert recovery.way is Way.NEW_LINK


def test_after_the_link_has_come_only_its_token_is_traded_again() -> None:
    recovery = lost()
    recovery.begin(Way.RELOAD)
    recovery.signed_out(REFUSED, fresh=False)
    recovery.linked()
    assert recovery.server_silent(mesh.MeshUnreachable("mesh", "")) == 1
    assert recovery.way is Way.SIGN_IN


def test_a_refused_link_is_not_asked_for_again() -> None:
    recovery = lost()
    recovery.signed_out(REFUSED, fresh=False)
    assert recovery.not_linked(Problem("The RMM failed.")) is None
    assert not recovery.lost.automatic


def test_an_ended_sign_in_at_the_rmm_is_waited_for() -> None:
    recovery = lost()
    recovery.signed_out(REFUSED, fresh=False)
    assert recovery.not_linked(SignInAgain("Your sign-in has ended.")) is None
    assert recovery.lost.automatic
    assert "Sign in to the RMM again" in recovery.lost.step
    assert recovery.signed_in_again() == 0
    assert recovery.way is Way.NEW_LINK
    assert recovery.signed_in_again() is None, "once"


@pytest.mark.parametrize(
    "problem",
    [
        mesh.ConsentDenied(),
        mesh.ConsentTimedOut(),
        mesh.ConsentImpossible(""),
        mesh.FarEndEnded(True),
        mesh.Disconnected(),
        mesh.NodeNotFound(),
        mesh.NoMeshAgent("HOST"),
        mesh.MeshNotSetUp(""),
        mesh.BadLink(""),
        mesh.SessionNotTaken("mesh"),
        mesh.CertificateChanged("mesh.example.com:443", None, None),
        CertificateUntrusted("mesh", None, "ab", ""),
        NotAllowed("No right."),
    ],
)
def test_what_waiting_does_not_mend_is_left_to_a_person(problem: Problem) -> None:
    assert is_final(problem)
    for event in (Recovery.server_silent, Recovery.attempt_failed, Recovery.page_gone):
        recovery = lost()
        recovery.begin(Way.RELOAD)
        assert event(recovery, problem) is None
        assert not recovery.lost.automatic
        assert recovery.lost.problem is problem
        assert recovery.lost.next_try is None
        assert recovery.lost.step == "It does not connect again by itself."


@pytest.mark.parametrize(
    "problem", [GONE, mesh.PageSilent(), mesh.MeshUnreachable("", ""), mesh.MeshUnusable("", 502), mesh.AgentSaid("x")]
)
def test_what_may_pass_is_tried_again(problem: Problem) -> None:
    assert not is_final(problem)


def test_a_person_may_want_everything_once_more() -> None:
    recovery = lost()
    recovery.signed_out(REFUSED, fresh=False)
    recovery.linked()
    recovery.signed_out(REFUSED, fresh=False)
    assert not recovery.lost.automatic
    recovery.by_hand(Way.RELOAD)
    assert recovery.lost.automatic
    assert recovery.way is Way.RELOAD
    recovery.signed_out(REFUSED, fresh=False)
    assert recovery.way is Way.NEW_LINK


def test_a_loss_that_follows_at_once_begins_with_a_pause() -> None:
    assert lost(failures=3).begin(Way.RELOAD) == 4


def test_the_words_count_down() -> None:
    clock = Clock()
    recovery = lost(failures=2, clock=clock)
    recovery.begin(Way.RELOAD)
    recovery.server_silent(mesh.MeshUnreachable("mesh.example", ""))
    assert recovery.lost.step == "MeshCentral at mesh.example does not answer. Trying again in 4 s."
    clock.time += timedelta(seconds=3)
    assert recovery.lost.step.endswith("Trying again in 1 s.")
    clock.time += timedelta(seconds=30)
    assert recovery.lost.step.endswith("Trying again in 0 s.")
    recovery.started()
    assert "Trying again" not in recovery.lost.step


def test_what_is_held_waits_for_a_word() -> None:
    recovery = lost()
    recovery.begin(Way.LISTEN)
    assert recovery.hold("HOST restarts.") is None
    assert (recovery.lost.held, recovery.lost.automatic, recovery.lost.step) == (True, True, "HOST restarts.")
    recovery.by_hand(Way.IN_PAGE)
    assert not recovery.lost.held


def test_the_shell_is_named_where_it_was_one() -> None:
    assert "shell" in ended_there(SessionKind.TERMINAL).what
    assert "shell" not in ended_there(SessionKind.CONTROL).what
