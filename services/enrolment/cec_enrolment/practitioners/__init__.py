"""The narrow copy of practitioners 醫事人員, fed by identity."""
