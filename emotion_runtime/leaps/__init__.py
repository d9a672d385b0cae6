"""Owns leaping: many ticks of a small scene in one call, up to the first in which something happens."""
