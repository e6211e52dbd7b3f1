"""Accounts 帳號: one for each person in one role, and the passwords by which they sign in."""
