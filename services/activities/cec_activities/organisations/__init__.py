"""A narrow copy of identity's organisations: the name of the offering unit, and what a review unit reviews."""
