"""OpenID Connect and OAuth 2.0: applications sign people in through us, other systems get tokens for themselves.

The rules of the protocol are authlib's. It knows no asynchronous transactions, so every operation has three steps: load
what the request names, let authlib decide about what is loaded, keep what it decided. See decision "protocol-in-three-steps".
"""
