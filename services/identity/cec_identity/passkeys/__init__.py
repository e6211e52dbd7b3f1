"""Passkeys (WebAuthn): a key of the device, unlocked by its owner, in place of name and password."""
