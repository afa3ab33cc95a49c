"""The settings as they are, with the migrations of a release to come."""

from portal.settings import *  # noqa: F403

MIGRATION_MODULES = {"compliance": "tests.deploy.next_release"}
