"""What the demo's RMM says about itself, and the session links that it makes."""

import secrets
from dataclasses import dataclass, field
from enum import Enum

from console.demo.fleet import Machine

_VIEWMODES = {"control": 11, "terminal": 12, "file": 13}


@dataclass(frozen=True)
class MeshLogin:
    """What a session link is made of: the URL of the MeshCentral site without a slash at its end, the login token's
    text, and for the live agents the node that they stand for."""

    site: str
    token: str = field(repr=False)
    node_id: str | None = None


class Links(Enum):
    """Which session links the demo makes: as usual, those of a server with auto login disabled, or of one without
    a Mesh key."""

    USUAL = "usual"
    WITHOUT_LOGIN = "without login="
    LOGIN_ERR = "login=err"


def session_links(machine: Machine, login: MeshLogin | None, kind: Links) -> dict[str, str]:
    """The three session links, composed as Tactical does: by pasting texts together, whatever they are."""
    site = login.site if login else "None"
    node = login.node_id if login and machine.live else machine.node_id
    token = "err" if kind is Links.LOGIN_ERR else login.token if login else secrets.token_urlsafe(96)
    start = f"{site}/?" if kind is Links.WITHOUT_LOGIN else f"{site}/?login={token}&"
    return {name: f"{start}gotonode={node}&viewmode={mode}&hide=31" for name, mode in _VIEWMODES.items()}


DASH_INFO: dict[str, object] = {
    "trmm_version": "1.5.1",
    "latest_trmm_ver": "error",
    "dark_mode": True,
    "show_community_scripts": True,
    "dbl_click_action": "takecontrol",
    "default_agent_tbl_tab": "mixed",
    "url_action": 1,
    "client_tree_sort": "alphafail",
    "client_tree_splitter": 11,
    "loading_bar_color": "red",
    "clear_search_when_switching": True,
    "hosted": False,
    "date_format": None,
    "default_date_format": "MMM-DD-YYYY - HH:mm",
    "token_is_expired": False,
    "open_ai_integration_enabled": False,
    "dash_info_color": "info",
    "dash_positive_color": "positive",
    "dash_negative_color": "negative",
    "dash_warning_color": "warning",
    "run_cmd_placeholder_text": {"cmd": "dir", "powershell": "Get-Date", "shell": "uname -a"},
    "server_scripts_enabled": False,
    "web_terminal_enabled": False,
    "block_local_user_logon": False,
    "sso_enabled": False,
}
