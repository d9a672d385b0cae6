"""Tests of the bridge over real sockets."""
