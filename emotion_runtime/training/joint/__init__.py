"""Owns training and export of the cross-modal network that the sidecar runs: front ends, fit, sealed folder."""
