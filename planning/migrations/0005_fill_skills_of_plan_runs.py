"""Runs that froze their input before it was kept: code, name and kind of its skills."""

import json

from django.db import migrations


def fill(apps, schema_editor):
    runs = apps.get_model("planning", "PlanRun").objects
    for version in runs.exclude(factory_json="").order_by("pk").values_list("pk", flat=True):
        text = runs.values_list("factory_json", flat=True).get(pk=version)
        skills = [{key: row[key] for key in ("code", "name", "kind")} for row in json.loads(text)["skills"]]
        runs.filter(pk=version).update(skills=skills)


class Migration(migrations.Migration):

    dependencies = [
        ("planning", "0004_plan_run_skills_and_list_indexes"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
