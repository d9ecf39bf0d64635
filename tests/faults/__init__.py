"""Real workers killed at random points, Redis flushed, PostgreSQL crashed: what must be true afterwards.

`python -m tests.faults --kills 1000` is the long form; `test_exactly_once.py` runs a short one with every test run.
"""
