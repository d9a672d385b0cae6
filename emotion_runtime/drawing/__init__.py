"""Owns the public surface of pictures of a scene: its trees, the influence of its rules, and its map."""

from __future__ import annotations

from emotion_runtime.drawing.influence import Influences, influence_mermaid, influence_svg
from emotion_runtime.drawing.maps import map_svg
from emotion_runtime.drawing.trees import tree_mermaid, tree_svg

__all__ = ["Influences", "influence_mermaid", "influence_svg", "map_svg", "tree_mermaid", "tree_svg"]
