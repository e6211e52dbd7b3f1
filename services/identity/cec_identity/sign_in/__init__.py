"""Signing in: sessions, their refresh tokens, and the access tokens made for them."""
