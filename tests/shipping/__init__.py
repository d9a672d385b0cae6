"""Owns the proofs of what players get: the bundle, built once, run without anything of this machine's."""
