"""Benchmarks: each prints ratios against a limit or a baseline that was measured in the same run."""
