"""The register of activities 開課清冊: what was applied for, what became of it."""
