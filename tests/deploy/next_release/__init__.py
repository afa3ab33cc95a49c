"""The migrations of compliance as a release to come would have them: those that there are, and one
more that adds. Named by ``MIGRATION_MODULES`` (``tests.deploy.next_release_settings``)."""

from compliance import migrations

__path__ = [*__path__, *migrations.__path__]
