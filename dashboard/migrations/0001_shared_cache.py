"""The table of the shared cache, so that `migrate` alone makes a new database ready."""

from typing import Any, ClassVar

from django.core.management import call_command
from django.db import migrations


def create_table(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [migrations.RunPython(create_table, migrations.RunPython.noop)]
