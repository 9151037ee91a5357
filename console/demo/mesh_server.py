"""A real MeshCentral on 127.0.0.1 for the demo and the tests, with random credentials, gone when it is stopped.

Facts read in MeshCentral 1.1.55 (the npm package `meshcentral`).
"""

import http.client
import json
import os
import secrets
import shutil
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from console import certificates
from console.demo.children import Child
from console.demo.mesh_control import ControlChannel
from console.demo.mesh_token import tactical_login_token
from console.demo.node import Node
from console.problem import Problem
from console.secret import Secret

# What Tactical RMM's "sync mesh with trmm" gives a technician on a node.
TECHNICIAN_RIGHTS = 4088024
_ADMINISTRATOR = 0xFFFFFFFF
_SET_UP_USER = "demo-set-up"
_READY = "server running on"
_FIRST_START_SECONDS = 120.0
# Desktop 8, terminal 16, files 32: the person at the machine is asked (meshuser.js, USERCONSENT_*PromptUser).
_ASK_FOR_EVERYTHING = 8 | 16 | 32

Say = Callable[[str], None]


@dataclass(frozen=True)
class ServerOptions:
    """`consent`: the person at the machine is asked before a session opens, for `consent_seconds`.

    `session_minutes`: the life of a session cookie, None for MeshCentral's own.
    """

    title: str = "Technician Console demo"
    consent: bool = False
    consent_seconds: int = 30
    session_minutes: int | None = None
    keep_folder: bool = False


class MeshServer:
    """Starts, sets up and ends one MeshCentral. Methods block and are called from one thread at a time."""

    def __init__(self, packages: Path, node: Node, folder: Path, options: ServerOptions | None = None) -> None:
        """`packages` holds node_modules; `folder`, made by this, holds all that the server writes."""
        self._packages = packages
        self._node = node
        self._folder = folder
        self._options = options or ServerOptions()
        self._child: Child | None = None
        self._port = 0
        self.fingerprint = ""
        """SHA-256 of the certificate that it presents, 64 hex digits; empty before the first start."""
        self.login_key = Secret(secrets.token_hex(80))
        """The key that login tokens are made with, 160 hex digits."""

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return self._port

    @property
    def pid(self) -> int | None:
        """The server's process id, None while it does not run."""
        return self._child.pid if self._child is not None and self._child.running else None

    def start(self, say: Say) -> None:
        """Starts the server and waits until it answers. Raises Problem with its last lines when it does not."""
        say("Starting MeshCentral on this computer …")
        self._write_folder()
        self._run()
        pem = (self._data / "webserver-cert-public.crt").read_text("ascii")
        leaf = pem[: pem.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"
        self.fingerprint = certificates.fingerprint(ssl.PEM_cert_to_DER_cert(leaf))

    def restart(self) -> None:
        """Stops and starts it with the same accounts, certificate and port; every session cookie ends."""
        self.halt()
        self.resume()

    def halt(self) -> None:
        """Ends it and keeps what it has written."""
        self._end()

    def resume(self) -> None:
        """Starts it again after `halt`. Raises Problem."""
        self._run()

    def configure(self, settings: Mapping[str, object]) -> None:
        """Other settings than those that it was set up with, from its next start on; None stands for MeshCentral's own.
        Those of an earlier call are forgotten."""
        config = self._config()
        config["settings"] = {**cast(dict[str, object], config["settings"]), **settings}
        _write_private(self._data / "config.json", json.dumps(config, indent=1))

    def stop(self) -> None:
        """Ends the server and removes its folder. Safe to call again."""
        self._end()
        if not self._options.keep_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def administration(self) -> ControlChannel:
        """A new administration channel of the set-up account. Raises Problem."""
        token = tactical_login_token(self.login_key, _SET_UP_USER)
        return ControlChannel(self._port, self.fingerprint, token)

    def add_user(self, name: str, password: Secret, *, real_name: str = "", admin: bool = False) -> None:
        """Adds an account; its id is the name in lower case. Raises Problem."""
        fields: dict[str, object] = {"username": name, "pass": password.reveal(), "realname": real_name}
        if admin:
            fields["siteadmin"] = _ADMINISTRATOR
        with self.administration() as channel:
            channel.ask("adduser", **fields)

    def device_group(self, name: str = "TacticalRMM") -> str:
        """Adds a device group for agents and returns its id, `mesh//…`. Raises Problem."""
        consent = _ASK_FOR_EVERYTHING if self._options.consent else 0
        with self.administration() as channel:
            return channel.ask("createmesh", meshname=name, meshtype=2, consent=consent).meshid

    def agent_settings(self, group: str) -> bytes:
        """What an agent of a device group (`mesh//…`) has in its `meshagent.msh`. Raises Problem."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self._data / "root-cert-public.crt")
        # The certificate names 127.0.0.1 as a DNS name, which no client takes for an address; our own root signed it.
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=15, context=context)
        try:
            connection.request("GET", "/meshsettings?id=" + urllib.parse.quote(group.removeprefix("mesh//"), safe=""))
            answer = connection.getresponse()
            body = answer.read(65536)
        except (OSError, http.client.HTTPException) as error:
            raise Problem("The demo's MeshCentral does not answer.", "Start the demo again.", str(error)) from error
        finally:
            connection.close()
        if answer.status != 200 or b"MeshServer=" not in body:
            raise Problem("The demo's MeshCentral gave no settings for an agent.", "", f"HTTP status {answer.status}")
        return body

    def allow(self, user: str, node_id: str, rights: int = TECHNICIAN_RIGHTS) -> None:
        """Gives a user rights on one node (`node//…`), as Tactical RMM's sync does. Raises Problem."""
        with self.administration() as channel:
            channel.ask("adddeviceuser", nodeid=node_id, usernames=[user], rights=rights)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _write_folder(self) -> None:
        self._port = _free_port()
        try:
            for folder in (self._folder, self._data):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_private(self._data / "config.json", json.dumps(self._config(), indent=1))
            # The first account, as the database file's first line. It has no password, so that it cannot be used at
            # the sign-in page; login tokens sign it in. `--createaccount` would show a password in the process list.
            first = {
                "_id": f"user//{_SET_UP_USER}",
                "type": "user",
                "name": _SET_UP_USER,
                "domain": "",
                "creation": int(time.time()),
                "siteadmin": _ADMINISTRATOR,
            }
            _write_private(self._data / "meshcentral.db", json.dumps(first) + "\n")
        except OSError as error:
            detail = f"{self._folder}: {error.strerror or error}"
            raise Problem(
                "The demo's MeshCentral could not be set up.", "Look whether the disk is full.", detail
            ) from error

    def _config(self) -> dict[str, object]:
        settings: dict[str, object] = {
            "cert": "127.0.0.1",
            "WANonly": True,
            "minify": 1,
            "port": self._port,
            "portBind": "127.0.0.1",
            "exactPorts": True,
            "redirPort": 0,
            "mpsPort": 0,
            "loginCookieEncryptionKey": self.login_key.reveal(),
            "allowLoginToken": True,
            "allowFraming": True,
            "agentPing": 35,
            "allowHighQualityDesktop": True,
            "agentCoreDump": False,
            "compression": False,
            "wsCompression": False,
            "agentWsCompression": False,
            "autoBackup": False,
            "selfUpdate": False,
            "noAgentUpdate": 1,
            # Otherwise it asks a time server on the internet at each first start.
            "agentTimeStampServer": False,
            "dataPath": str(self._data),
            "filesPath": str(self._folder / "files"),
            "maxInvalidLogin": {"time": 5, "count": 5, "coolofftime": 30},
        }
        if self._options.session_minutes is not None:
            settings["sessionTime"] = self._options.session_minutes
        domain: dict[str, object] = {
            "title": self._options.title,
            "newAccounts": False,
            "agentNoProxy": True,
            "mstsc": True,
        }
        if self._options.consent:
            domain["consentMessages"] = {"consentTimeout": self._options.consent_seconds}
        return {"settings": settings, "domains": {"": domain}}

    def _run(self) -> None:
        # `--launch` runs the server itself instead of a parent that starts it; the server then ends when its standard
        # input does. Without the proxy variables it would not install a proxy package, which it never needs here.
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment["NODE_ENV"] = "production"
        program = self._packages / "node_modules" / "meshcentral"
        command: list[str | Path] = [
            self._node.program,
            "--disable-proto=delete",
            program,
            "--launch",
            "1",
            "--datapath",
            self._data,
        ]
        try:
            self._child = Child(command, folder=self._packages, environment=environment, hold_stdin=True)
        except OSError as error:
            raise Problem("Node.js could not be started.", "Look at the Node.js installation.", str(error)) from error
        if not self._child.wait_for(lambda line: _READY in line, _FIRST_START_SECONDS):
            output = self._child.tail()
            self._end()
            raise Problem("The demo's MeshCentral did not start.", "Start the demo again.", output)

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
