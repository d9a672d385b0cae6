"""Owns nothing but the place: how the shipped models are trained; needs the extra `[train]`, never the runtime."""
