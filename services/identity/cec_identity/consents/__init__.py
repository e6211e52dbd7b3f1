"""Consents 同意書: the texts that people agree to, in versions, and who agreed to which and when."""
