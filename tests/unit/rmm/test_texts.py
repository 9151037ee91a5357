import pytest

from console.rmm.texts import SHOWN_CHARACTERS, error_text, one_line
from console.secret import Secret


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"Unable to contact the agent"', "Unable to contact the agent"),
        (b'{"detail": "Invalid token."}', "Invalid token."),
        (b'{"non_field_errors": ["One.", "Two."]}', "One. Two."),
        (b'{"monitoring_type": ["Not a choice."], "site": "No."}', "monitoring_type: Not a choice. site: No."),
        (b'["One.", 2, "Three."]', "One. Three."),
        (b'{"detail": {"deep": "x"}, "n": 5}', ""),
        (b"false", ""),
        (b"", ""),
        (b"<html>", ""),
        (b'"\xff"', ""),
        (b"[" * 5000, ""),
        (b'"a\\u0000\\nb\\u202ec"', "a b c"),
    ],
)
def test_the_words_are_found_in_every_form(body: bytes, text: str) -> None:
    assert error_text(body) == text


def test_long_texts_are_cut_and_secrets_taken_out_before() -> None:
    assert error_text(b'"' + b"x" * 9999 + b'"') == "x" * SHOWN_CHARACTERS
    assert error_text(b'"no user with hunter2"', [Secret("hunter2"), Secret("")]) == "no user with …"
    tail = b"x" * (SHOWN_CHARACTERS - 3) + b"hunter2"
    assert "hun" not in error_text(b'"' + tail + b'"', [Secret("hunter2")])


def test_other_scripts_stay() -> None:
    assert one_line("الرياض 本社\tü") == "الرياض 本社 ü"
