"""A narrow copy of identity's practitioners: which records are one person's, so that a lecturer reads of looks at all of them."""
