"""Clients 用戶端: machine accounts of other systems, and applications of the portal that people sign in to here."""
