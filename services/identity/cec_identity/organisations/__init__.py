"""Organisations 單位: who offers courses, who reviews them, and for which professions."""
