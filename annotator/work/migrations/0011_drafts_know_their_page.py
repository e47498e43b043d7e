from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0010_indexes_that_others_hold")]

    operations = [migrations.AddField(model_name="draft", name="writer", field=models.UUIDField(null=True))]
