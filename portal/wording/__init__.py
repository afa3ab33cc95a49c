"""The words that only pages need. What mails say as well is in ``compliance.wording``; its rules
hold here too: nothing queries, and nothing uses the provider's terms.
"""
