"""Credits' narrow copy of practitioners 醫事人員: licences, certificates, practice areas."""
