"""Login tokens that are made here, with MeshCentral's login key: for when the RMM cannot make a session link.

MeshCentral's own form (1.1.55, meshcentral.js, encodeCookie): AES-256-GCM with the first 32 bytes of the key, then
Base64 of nonce, tag and ciphertext. Unlike the form that Tactical RMM makes, every changed byte is refused, and the
server honours `expire`, in minutes, and `once`, which has to be a text that no other token carries.
"""

import base64
import os
import re
import secrets
import time

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.mesh.errors import BadMeshKey
from console.secret import Secret

MINUTES = 2
"""How long a token is good for."""
_KEY = re.compile(r"[0-9a-fA-F]{160}")
_NONCE = 12
_TAG = 16
_LOGIN = 3
"""What MeshCentral calls a token that signs in."""


def login_token(key: Secret, user: str, domain: str = "", now: float | None = None) -> Secret:
    """A token that signs `user` in once, within two minutes.

    `key` is the server's login key, 160 hex digits. `user` is the Mesh user's name; its id has it in lower case.
    `domain` is MeshCentral's, "" for the usual one. `now` is Unix time in seconds. Raises BadMeshKey.
    """
    cipher = AESGCM(bytes.fromhex(checked_key(key).reveal())[:32])
    message = {
        "a": _LOGIN,
        "u": f"user/{domain}/{user.lower()}",
        "time": int(time.time() if now is None else now),
        "expire": MINUTES,
        "once": secrets.token_hex(16),
    }
    nonce = os.urandom(_NONCE)
    sealed = cipher.encrypt(nonce, msgspec.json.encode(message), None)  # the tag comes last here, there before it
    return Secret(base64.b64encode(nonce + sealed[-_TAG:] + sealed[:-_TAG], b"@$").decode())


def checked_key(key: Secret) -> Secret:
    """The login key without what was pasted around it. Raises BadMeshKey, which quotes nothing of it."""
    text = "".join(key.reveal().split())
    if not _KEY.fullmatch(text):
        raise BadMeshKey(len(text))
    return Secret(text)
