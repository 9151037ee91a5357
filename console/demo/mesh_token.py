"""MeshCentral's login token as Tactical RMM makes it.

Read in Tactical RMM's `core/utils.py` (`get_login_token` of its MeshCentral helper) and in MeshCentral 1.1.55's
`decodeCookieAESSHA`: AES-256-CBC over a SHA3-384 digest of the key's first part and a JSON message.
"""

import base64
import hashlib
import json
import os
import time

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from console.secret import Secret


def tactical_login_token(key: Secret, user: str, now: float | None = None) -> Secret:
    """The token that signs `user` in for 60 minutes.

    `key` is MeshCentral's login key, 160 hex digits (80 bytes: 48 for the digest, 32 to encrypt); `user` is the name
    without `user//`, taken in lower case; `now` is Unix time in seconds. Raises ValueError for a key of another size.
    """
    raw = bytes.fromhex(key.reveal())
    if len(raw) != 80:
        raise ValueError("a MeshCentral login key has 160 hex digits")
    message = json.dumps({"a": 3, "u": f"user//{user.lower()}", "time": int(time.time() if now is None else now)})
    padder = padding.PKCS7(algorithms.AES.block_size).padder()
    plain = padder.update(hashlib.sha3_384(raw[:48]).digest() + message.encode()) + padder.finalize()
    start = os.urandom(16)
    encryptor = Cipher(algorithms.AES(raw[48:]), modes.CBC(start)).encryptor()
    sealed = start + encryptor.update(plain) + encryptor.finalize()
    return Secret(base64.b64encode(sealed, altchars=b"@$").decode())
