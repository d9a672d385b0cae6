"""Outputs beside the sidecar's own protocol, each of them optional and needing no client of ours."""
