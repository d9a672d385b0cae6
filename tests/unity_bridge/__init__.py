"""Tests of the bridge without sockets."""
