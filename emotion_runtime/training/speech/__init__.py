"""Owns nothing but the place: the speech model's front end, training and figures."""
