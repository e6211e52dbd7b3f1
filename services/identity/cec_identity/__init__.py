"""Identity: organisations, accounts, practitioners and their licences, sign-in and the keys that sign tokens."""
