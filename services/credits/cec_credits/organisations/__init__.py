"""A narrow copy of identity's organisations: their names, so that a person can read who looked at their credits."""
