"""Owns looking at a small cast many ticks in a row, in numba: triggers, conditions and trees as flat tables."""
