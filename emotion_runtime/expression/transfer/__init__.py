"""Owns expression migration: one face's movements on another character's face."""
