"""Practitioners 醫事人員: who they are, their certificates, licences and practice areas."""
