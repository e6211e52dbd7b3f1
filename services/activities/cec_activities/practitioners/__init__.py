"""A narrow copy of identity's practitioners: who a lecturer is, found by practitioner number 人員代碼."""
