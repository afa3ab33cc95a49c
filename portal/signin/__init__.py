"""Signing in without a password: one mail holds a code and a link, or a passkey does it.

The code is for the browser that asked for it, and lives ten minutes. The link works on any device,
lives a little longer and once. A passkey works where its owner has added it, and needs no mail.
Nobody can sign up: support and colleagues add people.
"""
