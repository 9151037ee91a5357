"""Answers in the forms that Django gives them: JSON, and its HTML pages for what no view answers."""

import msgspec
from werkzeug.wrappers import Response

_PAGE = """
<!doctype html>
<html lang="en">
<head>
  <title>{title}</title>
</head>
<body>
  <h1>{heading}</h1><p>{text}</p>
</body>
</html>
"""
_NOT_FOUND = "The requested resource was not found on this server."


def json_answer(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, content_type="application/json")


def detail(text: str, status: int) -> Response:
    """The form of all errors that Django REST framework itself makes."""
    answer = json_answer({"detail": text}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Token"
    return answer


def throttled(seconds: int) -> Response:
    unit = "second" if seconds == 1 else "seconds"
    answer = detail(f"Request was throttled. Expected available in {seconds} {unit}.", 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def bad_request_page() -> Response:
    return _html(400, "Bad Request (400)", "Bad Request (400)", "")


def not_found_page() -> Response:
    return _html(404, "Not Found", "Not Found", _NOT_FOUND)


def server_error_page() -> Response:
    return _html(500, "Server Error (500)", "Server Error (500)", "")


def moved(location: str) -> Response:
    answer = Response(b"", 301, content_type="text/html; charset=utf-8")
    answer.headers["Location"] = location
    answer.autocorrect_location_header = False
    return answer


def page(title: str, text: str) -> Response:
    """A page of the demo itself. Both texts must be escaped already."""
    return _html(200, title, title, text)


def _html(status: int, title: str, heading: str, text: str) -> Response:
    return Response(
        _PAGE.format(title=title, heading=heading, text=text), status, content_type="text/html; charset=utf-8"
    )
