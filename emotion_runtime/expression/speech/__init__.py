"""Owns the ways from something said to lips: one track of visemes, and the sources that make one."""
