import pytest
import requests

from console.problem import Problem
from console.rmm.credentials import ApiKey, SessionToken
from console.secret import Secret


def headers(credential: ApiKey | SessionToken, **before: str) -> dict[str, str]:
    request = requests.Request("GET", "https://api.example.com/", headers=before).prepare()
    return dict(credential.auth()(request).headers)


def test_a_session_token_goes_into_its_own_header_only() -> None:
    sent = headers(SessionToken(Secret("ab12")), **{"X-API-KEY": "old", "Authorization": "Basic old"})
    assert sent == {"Authorization": "Token ab12"}


def test_an_api_key_goes_into_its_own_header_only() -> None:
    sent = headers(ApiKey(Secret("AB12")), **{"X-API-KEY": "old", "Authorization": "Basic old"})
    assert sent == {"X-API-KEY": "AB12"}


def test_neither_shows_its_secret() -> None:
    assert "AB12" not in f"{ApiKey(Secret('AB12'))!r}{SessionToken(Secret('AB12'))!r}"


def test_a_pasted_key_loses_the_space_around_it() -> None:
    assert ApiKey.typed(" AB12\r\n") == ApiKey(Secret("AB12"))


@pytest.mark.parametrize("text", ["", " ", "AB 12", "AB\n12", "AB\r\nX-Other: 1", "ключ", "A" * 513])
def test_what_a_header_cannot_carry_is_refused_unseen(text: str) -> None:
    for make in (lambda: ApiKey(Secret(text)), lambda: SessionToken(Secret(text)), lambda: ApiKey.typed(text)):
        with pytest.raises(Problem) as caught:
            make()
        assert not text.strip() or text not in caught.value.report()
