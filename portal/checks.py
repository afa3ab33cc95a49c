"""What ``manage.py check`` says about the configuration."""


def refuse_a_broken_configuration() -> None:
    return None
