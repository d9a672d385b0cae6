"""Tests of the engine clients, run as their engines run them."""
