"""Exports: statement and course records as signed PDF, and the address at which anybody can check one."""
