import logging
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.redaction import RedactingFormatter, redacted

HEX = "0123456789abcdef" * 4
API_KEY = "ABCDEFGHJKLMNPQRSTUVWXYZ01234567"
# What this console's secrets look like: login tokens, cookies, session tokens, API keys, passwords, one-time codes.
SECRETS = (
    "YWJjZGVmZ2hpamts@bW5vcHFyc3R1$dnd4eXowMTIzNDU2Nzg5Cg==",
    "eyJ1c2VyaWQiOiJ1c2VyLy90ZWNoIn0=",
    HEX,
    API_KEY,
    "correct-horse-battery-staple",
    "492817",
)
# Lines as requests, urllib3, http.client, Qt and Chromium write them, with {} where a secret stands.
LINES = (
    'DEBUG urllib3.connectionpool: https://mesh.example.com:443 "GET /?login={} HTTP/1.1" 200 None',
    'DEBUG urllib3.connectionpool: http://127.0.0.1:8000 "GET /?gotonode=abc&login={}&hide=31 HTTP/1.1" 200 5',
    "HTTPSConnectionPool(host='mesh.example.com', port=443): Max retries exceeded with url: /?login={} (Caused by X)",
    "Retrying (Retry(total=1)) after connection broken by 'ProtocolError()': /?login={}",
    "qt.webenginecontext: loading https://mesh.example.com/?login={}&gotonode=1",
    'QUrl("https://mesh.example.com/?login={}")',
    "[4242:4242:1123/041500.123:ERROR:socket.cc(1)] wss://mesh.example.com/control.ashx?auth={} failed",
    "WebSocket connection to 'wss://mesh/meshrelay.ashx?browser=1&p=2&nodeid=node//x&id=1&auth={}' failed",
    "js: sent *//meshrelay.ashx?p=2&nodeid=n&id=1&rauth={}",
    "next=%2F%3Flogin%3D{}",
    "page: location /login?next=https://mesh/?login={}",
    "otpauth://totp/Tactical:tech?secret={}&issuer=Tactical",
    "send: b'GET / HTTP/1.1\\r\\nHost: x\\r\\nCookie: xid={}; xid.sig=2\\r\\n\\r\\n'",
    "header: Set-Cookie: xid={}; path=/; secure; httponly",
    "{{'Set-Cookie': 'xid={}; Path=/'}}",
    "('Cookie', 'xid={}')",
    'QNetworkCookie("xid={}; secure; HttpOnly")',
    "Authorization: Token {}",
    "{{'Authorization': 'Token {}'}}",
    "('Authorization', 'Token {}')",
    "authorization: Basic {}",
    "X-API-KEY: {}",
    "{{'X-API-KEY': '{}'}}",
    "('X-API-KEY', b'{}')",
    "x-meshauth: {}",
    'POST body: {{"username": "tech", "password": "{}", "twofactor": "1"}}',
    'POST body: {{"username": "tech", "twofactor": "{}"}}',
    "{{'username': 'tech', 'password': '{}'}}",
    'answer {{"expiry":"2026","token":"{}"}}',
    'answer "{{\\"token\\": \\"{}\\"}}"',
    'answer {{"totp_key":"{}"}}',
    'answer {{"qr_url":"otpauth://totp/T?secret={}"}}',
    "totp_key={}",
    "api_key={} session_token=x",
    "accessToken={}",
    "password={}",
    "password='{}'",
    'QKeySequence token="{}"',
)
HARMLESS = (
    "GET https://api.example.com/agents/ 200",
    "kept the page from https://mesh.example.com/commander.ashx",
    "[4242:4242:1123/041500.123:ERROR:ssl_client_socket_impl.cc(878)] handshake failed; net_error -202",
    "control DESKTOP-7F3K2: TunnelState(attempt=1, state=3), now connected",
    "js: Uncaught TypeError: Cannot read properties of null (https://mesh.example.com/scripts/a.js:12)",
    "a session token exchanged outside of the page; the keyring is locked",
    "the login token was refused, key events go to the page",
    "/home/tech/.local/state/technician-console/log could not be opened: Permission denied",
    "VaultFailed: PasswordSetError",
    "C:\\Users\\tech\\AppData\\Local\\technician-console 12:30:01 100 %",
    "WVrliBIICKfKbljkAMiTcVmjmDhCUSIbZoEolipB is offline",
    "author=tech monkey=1 basic settings, bearer of news",
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_wherever_libraries_write_it(line: str, secret: str) -> None:
    shown = redacted(line.format(secret))
    assert secret not in shown
    assert secret[:12] not in shown
    assert secret[-12:] not in shown
    assert "(hidden)" in shown


@pytest.mark.parametrize("secret", [HEX, API_KEY])
def test_what_can_only_be_a_secret_is_hidden_by_itself(secret: str) -> None:
    assert redacted(f"got {secret}, then") == "got (hidden), then"


@pytest.mark.parametrize("line", HARMLESS)
def test_a_harmless_line_stays_as_it_is(line: str) -> None:
    assert redacted(line) == line


def test_what_stands_around_a_secret_stays() -> None:
    assert redacted("GET https://mesh/?login=abc HTTP/1.1") == "GET https://mesh/?(hidden) HTTP/1.1"
    assert redacted("{'password': \"it's\", 'user': 'tech'}") == "{'password': (hidden), 'user': 'tech'}"


@given(
    st.sampled_from([line for line in LINES if line.count("{}") == 1 and "'{}'" not in line]),
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@$_.-+/=", min_size=8),
)
def test_any_token_is_hidden(line: str, secret: str) -> None:
    assume(secret not in line)
    assert secret not in redacted(line.format(secret))


@given(st.text())
def test_any_text_stays_hidden_when_it_is_redacted_again(text: str) -> None:
    once = redacted(f"login={text}")
    assert redacted(once) == once


def test_the_log_hides_them_in_messages_arguments_and_tracebacks() -> None:
    try:
        raise ValueError(f"https://mesh/?login={HEX}")
    except ValueError:
        record = logging.LogRecord("a", logging.INFO, "f", 1, "token=%s", ("abc123def",), sys.exc_info())
    text = RedactingFormatter("%(message)s").format(record)
    assert "Traceback" in text
    assert HEX not in text
    assert "abc123def" not in text
