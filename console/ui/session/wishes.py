"""What a technician can want of a session's tab as a whole. The workspace grants it."""

from enum import StrEnum


class Wish(StrEnum):
    CLOSE = "close"
    CLOSE_OTHERS = "close others"
    DUPLICATE = "duplicate"
    DETACH = "detach"
    BRING_BACK = "bring back"
    OTHER_SIDE = "other side"
    FULL_SCREEN = "full screen"
    UPLOAD = "upload"
    WEB_PAGE = "web page"
    REBOOT = "reboot"
    RESTART_AGENT = "restart agent"
    RECOVER = "recover"
    ABOUT_SERVER = "about server"
    EXAMINE = "examine"
    OPEN_BY_KEY = "open by key"
    KEEP_SIGN_IN = "keep sign-in"
    KEEP_TOKEN = "keep token"  # noqa: S105 - no token
    NEVER_KEEP = "never keep"
