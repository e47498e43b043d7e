"""Counters kept by triggers: tables, functions, triggers, and the counts of what is there already.

Why append-only changes and a fold: docs/decisions/0026-counters-are-changes-that-are-folded.md. Names of the keys:
``annotator.quality.models.Tally``.
"""

from django.db import migrations, models

FUNCTIONS = """
-- The bin of a box by its shorter side in pixels.
CREATE FUNCTION quality_size(x1 float8, y1 float8, x2 float8, y2 float8) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT width_bucket(least(x2 - x1, y2 - y1), '{0,30,50,75,100,150,200,300,500,100000}'::float8[])
$$;

-- Keys of a face that its current labels decide.
CREATE FUNCTION quality_label_keys(
    face_state text, x1 float8, y1 float8, x2 float8, y2 float8, gender text, ethnicity text, flags text[]
) RETURNS TABLE (what text, value text, number int) LANGUAGE sql IMMUTABLE AS $$
    SELECT v.what, v.value, v.number FROM (VALUES
        ('size', '', quality_size(x1, y1, x2, y2), face_state <> 'rejected'),
        ('gender', gender, 0, face_state = 'accepted' AND gender IS NOT NULL),
        ('ethnicity', ethnicity, 0, face_state = 'accepted' AND ethnicity IS NOT NULL)
    ) AS v(what, value, number, is_counted) WHERE v.is_counted
    UNION ALL
    SELECT 'flag', flag, 0 FROM unnest(flags) AS flag WHERE face_state = 'accepted'
$$;

-- Keys of a face that its own row decides.
CREATE FUNCTION quality_face_keys(face_state text, age_mean float8)
RETURNS TABLE (what text, value text, number int) LANGUAGE sql IMMUTABLE AS $$
    SELECT 'face', face_state, 0
    UNION ALL
    SELECT 'age', '', least(floor(age_mean / 5)::int, 19) WHERE face_state = 'accepted' AND age_mean IS NOT NULL
$$;

-- All keys of a face. A revision that is not there (not yet, or no more) counts when it comes, or went.
CREATE FUNCTION quality_all_keys(face_state text, age_mean float8, current_revision bigint, prelabel bigint)
RETURNS TABLE (what text, value text, number int) LANGUAGE sql STABLE AS $$
    SELECT k.what, k.value, k.number FROM quality_face_keys(face_state, age_mean) k
    UNION ALL
    SELECT k.what, k.value, k.number FROM faces_revision r CROSS JOIN LATERAL quality_label_keys(
        face_state, r.x1, r.y1, r.x2, r.y2, r.gender, r.ethnicity, r.flags) k
    WHERE r.id = current_revision
    UNION ALL
    SELECT 'maker', r.made_by, 0 FROM faces_revision r WHERE r.id = prelabel AND face_state = 'accepted'
$$;

CREATE FUNCTION quality_image_keys(
    prelabelled_at timestamptz, prelabel_error text, swept_at timestamptz, verdict text
) RETURNS TABLE (what text, value text, number int) LANGUAGE sql IMMUTABLE AS $$
    SELECT 'image', v.value, 0 FROM (VALUES
        ('total', true),
        ('prelabelled', prelabelled_at IS NOT NULL),
        ('prelabel_failed', prelabelled_at IS NULL AND prelabel_error <> ''),
        ('swept', swept_at IS NOT NULL),
        ('rejected', verdict = 'rejected')
    ) AS v(value, is_counted) WHERE v.is_counted
$$;

CREATE FUNCTION quality_is_unfinished(face_state text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT face_state IN ('waiting', 'checking', 'disputed')
$$;
"""

FACES = """
CREATE FUNCTION quality_count_faces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT f.dataset_id, k.what, k.value, k.number, sign * count(*)
    FROM changed f CROSS JOIN LATERAL quality_all_keys(f.state, f.age_mean, f.current_id, f.prelabel_id) k
    GROUP BY 1, 2, 3, 4;
    INSERT INTO quality_imagetouch (dataset_id, image_id)
    SELECT DISTINCT f.dataset_id, f.image_id FROM changed f WHERE quality_is_unfinished(f.state);
    RETURN NULL;
END $$;
CREATE TRIGGER quality_faces_added AFTER INSERT ON faces_face
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_faces();
CREATE TRIGGER quality_faces_gone AFTER DELETE ON faces_face
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_faces();

-- Nearly every save changes a face that is not accepted: its state and its size are counted by hand, because the
-- general statement costs several times as much.
CREATE FUNCTION quality_count_face_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_size int;
    new_size int;
BEGIN
    IF 'accepted' IN (OLD.state, NEW.state) OR OLD.dataset_id <> NEW.dataset_id THEN
        INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
        SELECT d.dataset_id, d.what, d.value, d.number, sum(d.n) FROM (
            SELECT OLD.dataset_id, k.what, k.value, k.number, -1
            FROM quality_all_keys(OLD.state, OLD.age_mean, OLD.current_id, OLD.prelabel_id) k
            UNION ALL
            SELECT NEW.dataset_id, k.what, k.value, k.number, 1
            FROM quality_all_keys(NEW.state, NEW.age_mean, NEW.current_id, NEW.prelabel_id) k
        ) AS d(dataset_id, what, value, number, n) GROUP BY 1, 2, 3, 4 HAVING sum(d.n) <> 0;
    ELSE
        IF OLD.state <> NEW.state THEN
            INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
            VALUES (NEW.dataset_id, 'face', OLD.state, 0, -1), (NEW.dataset_id, 'face', NEW.state, 0, 1);
        END IF;
        IF OLD.current_id IS DISTINCT FROM NEW.current_id OR 'rejected' IN (OLD.state, NEW.state) THEN
            IF OLD.state <> 'rejected' THEN
                old_size := (SELECT quality_size(r.x1, r.y1, r.x2, r.y2) FROM faces_revision r WHERE r.id = OLD.current_id);
            END IF;
            IF NEW.state <> 'rejected' THEN
                new_size := (SELECT quality_size(r.x1, r.y1, r.x2, r.y2) FROM faces_revision r WHERE r.id = NEW.current_id);
            END IF;
            IF old_size IS DISTINCT FROM new_size THEN
                INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
                SELECT NEW.dataset_id, 'size', '', d.number, d.n
                FROM (VALUES (old_size, -1), (new_size, 1)) AS d(number, n) WHERE d.number IS NOT NULL;
            END IF;
        END IF;
    END IF;
    IF quality_is_unfinished(OLD.state) <> quality_is_unfinished(NEW.state)
       OR (OLD.image_id, OLD.dataset_id) <> (NEW.image_id, NEW.dataset_id) THEN
        INSERT INTO quality_imagetouch (dataset_id, image_id)
        SELECT OLD.dataset_id, OLD.image_id UNION SELECT NEW.dataset_id, NEW.image_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_face_changed AFTER UPDATE ON faces_face FOR EACH ROW
    WHEN ((OLD.state, OLD.age_mean, OLD.current_id, OLD.prelabel_id, OLD.image_id, OLD.dataset_id)
          IS DISTINCT FROM (NEW.state, NEW.age_mean, NEW.current_id, NEW.prelabel_id, NEW.image_id, NEW.dataset_id))
    EXECUTE FUNCTION quality_count_face_change();

-- A face may be stored before the revision that it points to (COPY), and revisions are deleted before their faces.
-- Each of the two triggers counts what the other one cannot see. Revisions do not change.
CREATE FUNCTION quality_count_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM changed r JOIN faces_face f ON f.current_id = r.id)
       AND NOT EXISTS (SELECT 1 FROM changed r JOIN faces_face f ON f.prelabel_id = r.id) THEN
        RETURN NULL;  -- an ordinary save: the face points to the revision only after this
    END IF;
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT d.dataset_id, d.what, d.value, d.number, sign * count(*) FROM (
        SELECT f.dataset_id, k.what, k.value, k.number
        FROM changed r JOIN faces_face f ON f.current_id = r.id CROSS JOIN LATERAL quality_label_keys(
            f.state, r.x1, r.y1, r.x2, r.y2, r.gender, r.ethnicity, r.flags) k
        UNION ALL
        SELECT f.dataset_id, 'maker', r.made_by, 0
        FROM changed r JOIN faces_face f ON f.prelabel_id = r.id WHERE f.state = 'accepted'
    ) AS d(dataset_id, what, value, number) GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_revisions_added AFTER INSERT ON faces_revision
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_revisions();
CREATE TRIGGER quality_revisions_gone AFTER DELETE ON faces_revision
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_revisions();
"""

IMAGES = """
CREATE FUNCTION quality_count_images() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT i.dataset_id, k.what, k.value, k.number, sign * count(*)
    FROM changed i CROSS JOIN LATERAL quality_image_keys(i.prelabelled_at, i.prelabel_error, i.swept_at, i.verdict) k
    GROUP BY 1, 2, 3, 4;
    INSERT INTO quality_imagetouch (dataset_id, image_id)
    SELECT i.dataset_id, i.id FROM changed i WHERE i.swept_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_images_added AFTER INSERT ON images_image
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_images();
CREATE TRIGGER quality_images_gone AFTER DELETE ON images_image
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_images();

CREATE FUNCTION quality_count_image_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT d.dataset_id, d.what, d.value, d.number, sum(d.n) FROM (
        SELECT OLD.dataset_id, k.what, k.value, k.number, -1
        FROM quality_image_keys(OLD.prelabelled_at, OLD.prelabel_error, OLD.swept_at, OLD.verdict) k
        UNION ALL
        SELECT NEW.dataset_id, k.what, k.value, k.number, 1
        FROM quality_image_keys(NEW.prelabelled_at, NEW.prelabel_error, NEW.swept_at, NEW.verdict) k
    ) AS d(dataset_id, what, value, number, n) GROUP BY 1, 2, 3, 4 HAVING sum(d.n) <> 0;
    INSERT INTO quality_imagetouch (dataset_id, image_id)
    SELECT OLD.dataset_id, OLD.id UNION SELECT NEW.dataset_id, NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_image_changed AFTER UPDATE ON images_image FOR EACH ROW
    WHEN ((OLD.prelabelled_at, OLD.prelabel_error, OLD.swept_at, OLD.verdict, OLD.dataset_id)
          IS DISTINCT FROM (NEW.prelabelled_at, NEW.prelabel_error, NEW.swept_at, NEW.verdict, NEW.dataset_id))
    EXECUTE FUNCTION quality_count_image_change();
"""

ITEMS = """
-- An item that goes takes its passes' counts along; passes that go later find no item and count nothing more.
CREATE FUNCTION quality_count_items() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT i.dataset_id, 'item_' || i.state, i.kind, i.pass_number, sign * count(*)
    FROM changed i WHERE i.gold_id IS NULL GROUP BY 1, 2, 3, 4;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO quality_daytallydelta
            (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
        SELECT p.dataset_id, p.user_id, p.kind, i.pass_number, p.is_gold, (p.created_at AT TIME ZONE 'UTC')::date,
               -count(*), -count(*) FILTER (WHERE p.active_ms > 0), -coalesce(sum(p.active_ms), 0)
        FROM changed i JOIN work_pass p ON p.item_id = i.id WHERE p.counted GROUP BY 1, 2, 3, 4, 5, 6;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_items_added AFTER INSERT ON work_workitem
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_items();
CREATE TRIGGER quality_items_gone AFTER DELETE ON work_workitem
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_items();

-- Leases change none of these columns, so that claims and heartbeats never get here.
CREATE FUNCTION quality_count_item_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
    SELECT d.dataset_id, d.what, d.value, d.number, d.n FROM (VALUES
        (OLD.dataset_id, 'item_' || OLD.state, OLD.kind, OLD.pass_number, -1, OLD.gold_id),
        (NEW.dataset_id, 'item_' || NEW.state, NEW.kind, NEW.pass_number, 1, NEW.gold_id)
    ) AS d(dataset_id, what, value, number, n, gold) WHERE d.gold IS NULL;
    IF OLD.pass_number <> NEW.pass_number THEN
        INSERT INTO quality_daytallydelta
            (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
        SELECT p.dataset_id, p.user_id, p.kind, m.pass_number, p.is_gold, (p.created_at AT TIME ZONE 'UTC')::date,
               m.sign, m.sign * (coalesce(p.active_ms, 0) > 0)::int, m.sign * coalesce(p.active_ms, 0)
        FROM work_pass p, (VALUES (OLD.pass_number, -1), (NEW.pass_number, 1)) AS m(pass_number, sign)
        WHERE p.item_id = NEW.id AND p.counted;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_item_changed AFTER UPDATE ON work_workitem FOR EACH ROW
    WHEN ((OLD.state, OLD.kind, OLD.pass_number, OLD.dataset_id, OLD.gold_id)
          IS DISTINCT FROM (NEW.state, NEW.kind, NEW.pass_number, NEW.dataset_id, NEW.gold_id))
    EXECUTE FUNCTION quality_count_item_change();
"""

PASSES = """
CREATE FUNCTION quality_count_passes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO quality_daytallydelta
        (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
    SELECT p.dataset_id, p.user_id, p.kind, i.pass_number, p.is_gold, (p.created_at AT TIME ZONE 'UTC')::date,
           sign * count(*), sign * count(*) FILTER (WHERE p.active_ms > 0), sign * coalesce(sum(p.active_ms), 0)
    FROM changed p JOIN work_workitem i ON i.id = p.item_id WHERE p.counted GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_passes_added AFTER INSERT ON work_pass
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_passes();
CREATE TRIGGER quality_passes_gone AFTER DELETE ON work_pass
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION quality_count_passes();

CREATE FUNCTION quality_count_pass_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quality_daytallydelta
        (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
    SELECT d.dataset_id, d.user_id, d.kind, i.pass_number, d.is_gold, (d.created_at AT TIME ZONE 'UTC')::date,
           d.sign, d.sign * (coalesce(d.active_ms, 0) > 0)::int, d.sign * coalesce(d.active_ms, 0)
    FROM (VALUES
        (OLD.item_id, OLD.dataset_id, OLD.user_id, OLD.kind, OLD.is_gold, OLD.created_at, OLD.active_ms, OLD.counted, -1),
        (NEW.item_id, NEW.dataset_id, NEW.user_id, NEW.kind, NEW.is_gold, NEW.created_at, NEW.active_ms, NEW.counted, 1)
    ) AS d(item_id, dataset_id, user_id, kind, is_gold, created_at, active_ms, counted, sign)
    JOIN work_workitem i ON i.id = d.item_id WHERE d.counted;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_pass_changed AFTER UPDATE ON work_pass FOR EACH ROW
    WHEN ((OLD.item_id, OLD.dataset_id, OLD.user_id, OLD.kind, OLD.is_gold, OLD.created_at, OLD.active_ms, OLD.counted)
          IS DISTINCT FROM
          (NEW.item_id, NEW.dataset_id, NEW.user_id, NEW.kind, NEW.is_gold, NEW.created_at, NEW.active_ms, NEW.counted))
    EXECUTE FUNCTION quality_count_pass_change();
"""

REPAIR = """
-- Compare every tally with the rows that it counts, and note what is off as a change. Each statement looks at one
-- moment of totals, changes and rows together, so that people may go on working. Returns how many keys were off.
-- Whole tables are read, whatever the statistics say of tables that were filled a moment ago: no nested loops.
CREATE FUNCTION quality_repair_tallies() RETURNS bigint LANGUAGE plpgsql
SET enable_nestloop = off SET work_mem = '64MB' AS $$
DECLARE
    images bigint;
    states bigint;
    days bigint;
BEGIN
    DELETE FROM quality_tally t WHERE NOT EXISTS (SELECT 1 FROM datasets_dataset d WHERE d.id = t.dataset_id);
    DELETE FROM quality_daytally t WHERE NOT EXISTS (SELECT 1 FROM datasets_dataset d WHERE d.id = t.dataset_id);
    WITH unfinished AS MATERIALIZED (
        SELECT DISTINCT image_id FROM faces_face WHERE quality_is_unfinished(state)
    ), complete AS MATERIALIZED (
        SELECT i.dataset_id, i.id AS image_id FROM images_image i LEFT JOIN unfinished u ON u.image_id = i.id
        WHERE i.swept_at IS NOT NULL AND i.verdict = '' AND u.image_id IS NULL
    ), touched AS MATERIALIZED (
        SELECT DISTINCT image_id FROM quality_imagetouch
    ), noted AS (
        INSERT INTO quality_imagetouch (dataset_id, image_id)
        SELECT coalesce(n.dataset_id, k.dataset_id), coalesce(n.image_id, k.image_id)
        FROM complete n FULL JOIN quality_completeimage k ON k.image_id = n.image_id
        LEFT JOIN touched t ON t.image_id = coalesce(n.image_id, k.image_id)
        WHERE (n.image_id IS NULL OR k.image_id IS NULL) AND t.image_id IS NULL
        RETURNING 1
    ) SELECT count(*) INTO images FROM noted;

    WITH noted AS (
        INSERT INTO quality_tallydelta (dataset_id, what, value, number, n)
        SELECT d.dataset_id, d.what, d.value, d.number, sum(d.n) FROM (
            SELECT f.dataset_id, k.what, k.value, k.number, count(*) FROM faces_face f
            CROSS JOIN LATERAL quality_face_keys(f.state, f.age_mean) k GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT f.dataset_id, k.what, k.value, k.number, count(*)
            FROM faces_face f JOIN faces_revision r ON r.id = f.current_id
            CROSS JOIN LATERAL quality_label_keys(
                f.state, r.x1, r.y1, r.x2, r.y2, r.gender, r.ethnicity, r.flags) k GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT f.dataset_id, 'maker', r.made_by, 0, count(*)
            FROM faces_face f JOIN faces_revision r ON r.id = f.prelabel_id
            WHERE f.state = 'accepted' GROUP BY 1, 3
            UNION ALL
            SELECT i.dataset_id, k.what, k.value, k.number, count(*) FROM images_image i CROSS JOIN LATERAL
                quality_image_keys(i.prelabelled_at, i.prelabel_error, i.swept_at, i.verdict) k GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT dataset_id, 'image', 'complete', 0, count(*) FROM quality_completeimage GROUP BY 1
            UNION ALL
            SELECT dataset_id, 'item_' || state, kind, pass_number, count(*) FROM work_workitem
            WHERE gold_id IS NULL GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT dataset_id, what, value, number, -n FROM quality_tally
            UNION ALL
            SELECT dataset_id, what, value, number, -n FROM quality_tallydelta
        ) AS d(dataset_id, what, value, number, n)
        WHERE EXISTS (SELECT 1 FROM datasets_dataset s WHERE s.id = d.dataset_id)
        GROUP BY 1, 2, 3, 4 HAVING sum(d.n) <> 0
        RETURNING 1
    ) SELECT count(*) INTO states FROM noted;

    WITH noted AS (
        INSERT INTO quality_daytallydelta
            (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
        SELECT d.dataset_id, d.user_id, d.kind, d.pass_number, d.is_gold, d.day, sum(d.n), sum(d.timed), sum(d.ms)
        FROM (
            SELECT p.dataset_id, p.user_id, p.kind, i.pass_number, p.is_gold, (p.created_at AT TIME ZONE 'UTC')::date,
                   count(*), count(*) FILTER (WHERE p.active_ms > 0), coalesce(sum(p.active_ms), 0)
            FROM work_pass p JOIN work_workitem i ON i.id = p.item_id WHERE p.counted GROUP BY 1, 2, 3, 4, 5, 6
            UNION ALL
            SELECT dataset_id, user_id, kind, pass_number, is_gold, day, -n, -timed, -active_ms FROM quality_daytally
            UNION ALL
            SELECT dataset_id, user_id, kind, pass_number, is_gold, day, -n, -timed, -active_ms
            FROM quality_daytallydelta
        ) AS d(dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, ms)
        WHERE EXISTS (SELECT 1 FROM datasets_dataset s WHERE s.id = d.dataset_id)
        GROUP BY 1, 2, 3, 4, 5, 6 HAVING (sum(d.n), sum(d.timed), sum(d.ms)) IS DISTINCT FROM (0, 0, 0)
        RETURNING 1
    ) SELECT count(*) INTO days FROM noted;
    RETURN images + states + days;
END $$;
"""

# The tables of changes are small and always in motion: vacuum them by number of rows, not by share.
VACUUM = "".join(
    f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,"
    " autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);\n"
    for table in ("quality_tallydelta", "quality_daytallydelta", "quality_imagetouch")
)

DROP = """
DROP FUNCTION quality_count_faces, quality_count_face_change, quality_count_revisions, quality_count_images,
    quality_count_image_change, quality_count_items, quality_count_item_change, quality_count_passes,
    quality_count_pass_change CASCADE;
DROP FUNCTION quality_repair_tallies, quality_all_keys, quality_face_keys, quality_label_keys, quality_size,
    quality_image_keys, quality_is_unfinished;
"""


def delta(name, fields):
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            *[(key, field.clone()) for key, field in fields.items()],
        ],
    )


STATE = {
    "dataset_id": models.BigIntegerField(),
    "what": models.CharField(max_length=16),
    "value": models.CharField(max_length=60),
    "number": models.IntegerField(),
    "n": models.BigIntegerField(),
}
DAY = {
    "dataset_id": models.BigIntegerField(),
    "user_id": models.BigIntegerField(),
    "kind": models.CharField(max_length=10),
    "pass_number": models.IntegerField(),
    "is_gold": models.BooleanField(),
    "day": models.DateField(),
    "n": models.BigIntegerField(),
    "timed": models.BigIntegerField(),
    "active_ms": models.BigIntegerField(),
}


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0002_aggregations"),
        ("faces", "0005_second_age_and_notes"),
        ("images", "0003_split"),
        ("work", "0005_gold_even_deliveries"),
    ]
    operations = [
        delta("Tally", STATE),
        delta("TallyDelta", STATE),
        delta("DayTally", DAY),
        delta("DayTallyDelta", DAY),
        migrations.CreateModel(
            name="CompleteImage",
            fields=[
                ("image_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("dataset_id", models.BigIntegerField()),
            ],
        ),
        delta("ImageTouch", {"dataset_id": models.BigIntegerField(), "image_id": models.BigIntegerField()}),
        migrations.AddConstraint(
            "Tally",
            models.UniqueConstraint(fields=("dataset_id", "what", "value", "number"), name="one_tally_per_key"),
        ),
        migrations.AddConstraint(
            "DayTally",
            models.UniqueConstraint(
                fields=("dataset_id", "day", "user_id", "kind", "pass_number", "is_gold"),
                name="one_day_tally_per_key",
            ),
        ),
        # The triggers' locks keep writers out until this transaction ends: nothing is missed or counted twice.
        migrations.RunSQL(FUNCTIONS + FACES + IMAGES + ITEMS + PASSES + REPAIR, DROP),
        migrations.RunSQL(VACUUM, migrations.RunSQL.noop),
        migrations.RunSQL("SELECT quality_repair_tallies()", migrations.RunSQL.noop),
    ]
