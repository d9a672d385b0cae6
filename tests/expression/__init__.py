"""Tests of faces, lips and their transfer."""
