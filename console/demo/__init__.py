"""The embedded demo: an RMM API on loopback with an invented fleet, and a local MeshCentral."""
