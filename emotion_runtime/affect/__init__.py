"""Owns emotion and mood: exact dynamics, personality, impulses, and the ledger of causes."""
