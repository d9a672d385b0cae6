"""Owns sweeps: one scene lived through thousands of times, and what came of it, here or on a cluster."""

from emotion_runtime.sweep import spread
from emotion_runtime.sweep.plan import Plan, plan_of
from emotion_runtime.sweep.report import Findings, found
from emotion_runtime.sweep.spread import Executor, batches, sweep

__all__ = ["Executor", "Findings", "Plan", "batches", "found", "plan_of", "spread", "sweep"]
