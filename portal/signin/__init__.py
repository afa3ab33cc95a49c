"""Signing in without a password: one mail holds a code and a link.

The code is for the browser that asked for it, and lives ten minutes. The link works on any device,
lives a little longer and once. Nobody can sign up: support adds people.
"""
