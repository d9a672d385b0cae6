"""Owns the kit for a study with people: a page of silent clips, and what to make of the answers."""
