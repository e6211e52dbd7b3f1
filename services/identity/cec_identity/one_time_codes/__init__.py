"""Time-based one-time codes (RFC 6238) as a second factor, and recovery codes for the day the telephone is lost."""
