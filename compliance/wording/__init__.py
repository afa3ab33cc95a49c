"""The words that customers read, on pages and in mails, made from the domain's values.

Nothing here queries. Customers never meet the provider's terms: a bundle is a registration, an
End-User is their details, an evaluation is a check.
"""
