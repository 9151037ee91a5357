from dataclasses import dataclass

import pytest

from console.demo.accounts import Accounts, RefusedError, totp_code
from console.secret import Secret

# RFC 6238, appendix B, SHA-1: the last six of its eight digits
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Accounts:
    return Accounts("Client", clock)


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert totp_code(Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), at) == code


@pytest.mark.parametrize(("off", "right"), [(0, True), (-300, True), (300, True), (-330, False), (330, False)])
def test_a_code_is_good_for_five_minutes_either_way(accounts: Accounts, clock: Clock, off: int, right: bool) -> None:
    user = accounts.technician
    assert user.totp_key
    assert accounts.code_is_right(user, totp_code(user.totp_key, clock.now + off)) is right


def test_a_token_lives_five_hours_from_its_last_use(accounts: Accounts, clock: Clock) -> None:
    token, expiry = accounts.new_token(accounts.technician)
    assert expiry == clock.now + 5 * 3600
    for _ in range(3):
        clock.now += 4 * 3600
        assert accounts.user_of_token(token) is accounts.technician
    clock.now += 5 * 3600
    with pytest.raises(RefusedError, match="Invalid token"):
        accounts.user_of_token(token)


def test_a_use_moves_the_expiry_at_most_every_ten_minutes(accounts: Accounts, clock: Clock) -> None:
    token, expiry = accounts.new_token(accounts.technician)
    clock.now += 500
    accounts.user_of_token(token)
    clock.now = expiry
    with pytest.raises(RefusedError):
        accounts.user_of_token(token)


def test_the_set_up_token_is_short_until_it_is_used(accounts: Accounts, clock: Clock) -> None:
    unused, used = (accounts.new_token(accounts.newcomer, 180)[0] for _ in range(2))
    accounts.user_of_token(used)
    clock.now += 200
    assert accounts.user_of_token(used) is accounts.newcomer
    with pytest.raises(RefusedError):
        accounts.user_of_token(unused)


def test_ended_tokens_and_inactive_users_are_refused(accounts: Accounts) -> None:
    first, second = (accounts.new_token(accounts.technician)[0] for _ in range(2))
    accounts.end_token(first)
    with pytest.raises(RefusedError, match="Invalid token"):
        accounts.user_of_token(first)
    accounts.technician.active = False
    with pytest.raises(RefusedError, match="User inactive"):
        accounts.user_of_token(second)
    assert accounts.open_tokens() == 1
    accounts.end_all_tokens()
    assert accounts.open_tokens() == 0


def test_a_blocked_users_key_works_and_an_inactive_ones_does_not(accounts: Accounts) -> None:
    assert accounts.user_of_key(accounts.blocked_key.secret.reveal()) is accounts.blocked
    for key, words in ((accounts.inactive_key, "User inactive"), (accounts.expired_key, "has expired")):
        with pytest.raises(RefusedError, match=words):
            accounts.user_of_key(key.secret.reveal())
    with pytest.raises(RefusedError, match="Invalid token"):
        accounts.user_of_key("é")


def test_ten_attempts_a_minute_for_each_path_and_address(accounts: Accounts, clock: Clock) -> None:
    for _ in range(10):
        assert accounts.wait("/v2/login/", "a") is None
        clock.now += 1
    assert accounts.wait("/v2/login/", "a") == 50
    assert accounts.wait("/v2/login/", "b") is None
    assert accounts.wait("/v2/checkcreds/", "a") is None
    clock.now += 50
    assert accounts.wait("/v2/login/", "a") is None
    assert accounts.wait("/v2/login/", "a") == 1


def test_three_hundred_attempts_a_day(accounts: Accounts, clock: Clock) -> None:
    for _ in range(300):
        assert accounts.wait("/v2/login/", "a") is None
        clock.now += 10
    assert accounts.wait("/v2/login/", "a") == 86_400 - 3000


def test_throttling_can_be_switched_off(accounts: Accounts) -> None:
    accounts.per_minute = None
    assert {accounts.wait("/v2/login/", "a") for _ in range(400)} == {None}


def test_credentials_are_new_each_time_and_unseen() -> None:
    one, other = Accounts("Client"), Accounts("Client")
    assert one.technician.password != other.technician.password
    assert one.key.secret != other.key.secret
    assert one.technician.password.reveal() not in repr(one.technician)
    assert one.key.secret.reveal() not in repr(one.key)
