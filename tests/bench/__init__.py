"""What the portal costs: each figure beside the floor that it is held against.

A row is a module of :mod:`tests.bench.rows`; ``python -m tests.bench`` runs them, each on each of
its databases in a process of its own, and prints one table. Nothing here passes or fails a build:
a goal that is missed is printed as missed. What does fail is a row whose floor has not given the
same answer.
"""
