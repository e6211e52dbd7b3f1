"""A narrow copy of identity's recognitions of review units 認可: who may decide for which professions, and what is void."""
