from django.db import migrations

FORBID_UPDATE = """
CREATE FUNCTION faces_revision_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'batch_id' IS DISTINCT FROM to_jsonb(OLD) - 'batch_id' THEN
        RAISE EXCEPTION 'revision % is immutable: save a new one', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revision_is_immutable BEFORE UPDATE ON faces_revision
    FOR EACH ROW EXECUTE FUNCTION faces_revision_is_immutable();
"""
ALLOW_UPDATE = """
DROP TRIGGER revision_is_immutable ON faces_revision;
DROP FUNCTION faces_revision_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("faces", "0001_initial")]
    operations = [migrations.RunSQL(FORBID_UPDATE, ALLOW_UPDATE)]
