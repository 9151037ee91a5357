"""What signs in to MeshCentral where the RMM does not: the technician's own sign-in, and the emergency key."""

from dataclasses import dataclass

from console.mesh.link import MeshSite
from console.secret import Secret


@dataclass(frozen=True)
class EmergencyKey:
    """MeshCentral's login key, and the Mesh user that it signs in here."""

    site: MeshSite
    user: str
    key: Secret


@dataclass(frozen=True)
class OwnSignIn:
    """A sign-in at MeshCentral as it is typed there. `lasting` says that it is a lasting login token."""

    user: str
    password: Secret
    lasting: bool = False
