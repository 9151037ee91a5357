import json

import pytest

from console.mesh.command import (
    KEYS,
    MODIFIERS,
    Command,
    Confirm,
    Connect,
    Disconnect,
    PressKeys,
    Refresh,
    SetPicture,
    SetScale,
    SetViewOnly,
    ShareClipboard,
    ShowBars,
    ShowDisplay,
    TypeText,
    encode,
)


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        (Connect(), {"do": "connect"}),
        (Disconnect(), {"do": "disconnect"}),
        (Confirm(), {"do": "confirm"}),
        (PressKeys(("ctrl", "alt", "delete")), {"do": "keys", "keys": ["ctrl", "alt", "delete"]}),
        (TypeText('"ä€\n</script>'), {"do": "type", "text": '"ä€\n</script>'}),
        (ShowDisplay(65535), {"do": "display", "id": 65535}),
        (SetPicture(40, 50, 100), {"do": "picture", "quality": 40, "scaling": 50, "milliseconds": 100}),
        (SetScale(fit=False), {"do": "scale", "fit": False}),
        (SetViewOnly(on=True), {"do": "view-only", "on": True}),
        (ShareClipboard(on=True), {"do": "clipboard", "on": True}),
        (Refresh(), {"do": "refresh"}),
        (ShowBars(on=False), {"do": "bars", "on": False}),
    ],
)
def test_what_the_page_reads(command: Command, sent: dict[str, object]) -> None:
    assert json.loads(encode(command)) == sent


def test_the_keys_that_the_session_bar_offers() -> None:
    assert set(MODIFIERS) | {"tab", "print", "f1", "f12", "l", "r", "7"} <= KEYS
    assert "f13" not in KEYS
