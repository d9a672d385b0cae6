"""Tests of the kernels: numpy form, numba form, choice between them."""
