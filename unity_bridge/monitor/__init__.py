"""Owns the live page's server; `serving` needs the extra `monitor`: ask `guard.require_monitor` first."""
