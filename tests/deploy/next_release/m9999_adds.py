"""One of each thing that may be added while the release before is serving."""

from pathlib import Path

from django.db import migrations, models

from compliance.migrations import __file__ as home

LAST = max(path.stem for path in Path(home).parent.glob("[0-9]*.py"))


class Migration(migrations.Migration):
    dependencies = [("compliance", LAST)]

    operations = [
        migrations.AddField(
            model_name="renewal",
            name="may_be_missing",
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="filled_by_the_database",
            field=models.BooleanField(db_default=False),
        ),
        migrations.CreateModel(
            name="Novelty", fields=[("id", models.BigAutoField(primary_key=True))]
        ),
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(fields=["may_be_missing"], name="novel_index"),
        ),
    ]
