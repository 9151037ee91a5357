"""Tactical RMM's HTTP API, typed: `client.RmmClient` once signed in, `sign_in.SignIn` before that."""
