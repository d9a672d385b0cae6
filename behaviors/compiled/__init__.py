"""Owns the compiled executor's public names: trees as programs on planes of bits, in a numpy and a numba form."""

from __future__ import annotations

from behaviors.compiled.compiler import compile_tree
from behaviors.compiled.executor import CompiledExecutor
from behaviors.compiled.program import Program
from behaviors.compiled.warming import available, loaded, warm

__all__ = ["CompiledExecutor", "Program", "available", "compile_tree", "loaded", "warm"]
