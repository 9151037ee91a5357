import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from console.demo.mesh_token import tactical_login_token
from console.secret import Secret

KEY = Secret(bytes(range(80)).hex())


def opened(token: Secret) -> tuple[bytes, dict[str, object]]:
    """The digest and the message of a token, as MeshCentral reads it."""
    sealed = base64.b64decode(token.reveal().replace("@", "+").replace("$", "/"), validate=True)
    decryptor = Cipher(algorithms.AES(bytes(range(48, 80))), modes.CBC(sealed[:16])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    plain = decryptor.update(sealed[16:]) + decryptor.finalize()
    plain = unpadder.update(plain) + unpadder.finalize()
    message: dict[str, object] = json.loads(plain[48:])
    return plain[:48], message


def test_it_holds_what_tactical_rmm_writes() -> None:
    digest, message = opened(tactical_login_token(KEY, "Tech___3", 1_700_000_000.9))
    assert message == {"a": 3, "u": "user//tech___3", "time": 1_700_000_000}
    assert digest == hashlib.sha3_384(bytes(range(48))).digest()


def test_it_has_the_alphabet_of_meshcentral() -> None:
    tokens = "".join(tactical_login_token(KEY, "tech").reveal() for _ in range(50))
    assert not set("+/") & set(tokens)
    assert set("@$") <= set(tokens)


def test_two_are_never_the_same() -> None:
    assert tactical_login_token(KEY, "tech", 1) != tactical_login_token(KEY, "tech", 1)


@pytest.mark.parametrize("key", ["", "00" * 79, "zz" * 80])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"hex"):
        tactical_login_token(Secret(key), "tech")
