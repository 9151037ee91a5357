"""What signs in to MeshCentral where the RMM does not: the technician's own sign-in, and the emergency key."""

import msgspec

from console.mesh.link import MeshSite
from console.secret import Secret


class EmergencyKey(msgspec.Struct, frozen=True):
    """MeshCentral's login key, and the Mesh user that it signs in here."""

    site: MeshSite
    user: str
    key: Secret


class OwnSignIn(msgspec.Struct, frozen=True):
    """A sign-in at MeshCentral as it is typed there. `lasting` says that it is a lasting login token."""

    user: str
    password: Secret
    lasting: bool = False
