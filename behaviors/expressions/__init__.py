"""Owns the public surface of the trigger language: parse, check, compile."""

from __future__ import annotations

from behaviors.expressions.checks import Kind, check
from behaviors.expressions.faults import ExpressionFault
from behaviors.expressions.parser import MAX_CHARS, MAX_DEPTH, MAX_NODES, parse
from behaviors.expressions.programs import Columns, Program, Value, compile
from behaviors.expressions.syntax import Expression, names

__all__ = [
    "MAX_CHARS",
    "MAX_DEPTH",
    "MAX_NODES",
    "Columns",
    "Expression",
    "ExpressionFault",
    "Kind",
    "Program",
    "Value",
    "check",
    "compile",
    "names",
    "parse",
]
