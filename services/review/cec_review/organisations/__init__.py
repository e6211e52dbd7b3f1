"""A narrow copy of identity's organisations: their names, so that a lecturer can read which unit looked at their data."""
