"""Signing keys 簽章金鑰: the private halves, sealed, and the set of public halves that everybody verifies with."""
