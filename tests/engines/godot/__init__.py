"""Owns the proofs of the Godot addon: a real headless Godot beside a real sidecar."""
