"""The domain: what Twilio asks for, what a customer answered, and the way from one to the other.

Nothing in here imports ``portal``.
"""
