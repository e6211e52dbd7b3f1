"""Points 積分: what a review unit may award, and what the rules suggest."""
