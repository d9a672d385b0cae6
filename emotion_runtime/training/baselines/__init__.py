"""Owns the models that are compared in one run: each is fitted on a corpus and gives probabilities for another."""
