"""The same answers with as little as gives them: what our code is held against."""
