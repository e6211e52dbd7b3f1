"""Recalculation 重新計算: who must be looked at again, and the looking."""
