"""The ledger 積分帳: every fact about attendance that ever reached us, appended, never changed."""
