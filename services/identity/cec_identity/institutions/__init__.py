"""Medical institutions 醫事機構: where practitioners practise, by their ten-character code."""
