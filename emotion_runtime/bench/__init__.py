"""Owns the benchmarks: each checks that its contenders did the same work before it compares their times."""
