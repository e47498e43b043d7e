from django.db import migrations

import annotator.common.fields


class Migration(migrations.Migration):
    dependencies = [("faces", "0009_suggestions")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="point_spread",
            field=annotator.common.fields.NumpyField(dtype="uint8", null=True, shape=(68,)),
        ),
    ]
