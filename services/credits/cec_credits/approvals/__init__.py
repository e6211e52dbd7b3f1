"""Credits' narrow copy of course approvals 課程核定: every version of them, appended."""
