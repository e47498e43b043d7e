"""Faces that people accepted before acceptances were kept are handed to the economy as well."""

from django.db import migrations

ACCEPTED_BEFORE = """
INSERT INTO work_acceptance (face_id, round, revision_id, age_mean, at)
SELECT f.id, f.round, f.current_id, f.age_mean, f.closed_at FROM faces_face f
WHERE f.state = 'accepted' AND f.current_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM work_pass p WHERE p.face_id = f.id AND p.counted)
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0003_learning_order_and_acceptances")]

    operations = [migrations.RunSQL(ACCEPTED_BEFORE, migrations.RunSQL.noop)]
