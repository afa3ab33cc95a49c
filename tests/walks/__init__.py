"""Random walks: over the life of a renewal, and from any regulation to a page that can be answered.

Each walk is the same in every run of the same code; ``HYPOTHESIS_SEED`` and ``WALK_STEPS`` in the
environment give another one, and a longer one.
"""
