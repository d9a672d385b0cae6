"""Owns the arithmetic of a tick over all characters: tables, the numpy form, the numba form, and which one runs."""
