"""The demo: the whole portal with invented customers, on one machine, without any account.

``python -m portal.demo`` (that is ``make demo``) starts everything and stays until it is told to
end. Everything that the demo keeps is in one folder.
"""
