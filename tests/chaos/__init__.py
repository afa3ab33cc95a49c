"""The whole product under fire: processes are killed at every boundary, three in ten of the calls
to Twilio go wrong in twelve ways, and at the end nothing may be lost or done twice.

``python -m tests.chaos --help`` (or ``make chaos``) runs it; ``test_chaos.py`` is its small size.
"""
