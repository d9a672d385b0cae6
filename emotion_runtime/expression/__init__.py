"""Owns the way from emotions to something visible: faces now, lips and bodies later."""
