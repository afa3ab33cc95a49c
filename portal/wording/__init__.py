"""The words that customers read, made from the domain's values.

Nothing here queries. Customers never meet the provider's terms: a bundle is a registration, an
End-User is their details, an evaluation is a check.
"""
