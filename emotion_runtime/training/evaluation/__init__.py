"""Owns what is said about compared models: tables in the shape of the paper's, intervals, confusion pictures."""
