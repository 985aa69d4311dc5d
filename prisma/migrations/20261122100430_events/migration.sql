-- CreateEnum
CREATE TYPE "disabled_reason" AS ENUM ('GONE', 'FAILING');

-- CreateEnum
CREATE TYPE "delivery_outcome" AS ENUM ('DELIVERED', 'FAILED');

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "hash" TEXT,
ADD COLUMN     "id" UUID;

-- AlterTable
ALTER TABLE "event_stream" ADD COLUMN     "anchor_hash" TEXT NOT NULL DEFAULT '0000000000000000000000000000000000000000000000000000000000000000',
ADD COLUMN     "anchor_sequence" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "last_hash" TEXT NOT NULL DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';

-- AlterTable
ALTER TABLE "event_subscription" ADD COLUMN     "cursor" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "disabled_reason" "disabled_reason",
ADD COLUMN     "first_failed_at" TIMESTAMPTZ(3),
ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "locked_by" UUID,
ADD COLUMN     "lease_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "next_attempt_at" TIMESTAMPTZ(3),
ADD COLUMN     "previous_sealed_secret" TEXT,
ADD COLUMN     "rotation_ends_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "delivery_attempt" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "message" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "outcome" "delivery_outcome" NOT NULL,
    "status" INTEGER,
    "error" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "delivery_attempt_organization_id_subscription_id_created_at_idx" ON "delivery_attempt"("organization_id", "subscription_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "delivery_attempt_created_at_idx" ON "delivery_attempt"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "event_id_key" ON "event"("id");

-- CreateIndex
CREATE INDEX "event_workspace_id_sequence_idx" ON "event"("workspace_id", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "event_subscription_organization_id_id_key" ON "event_subscription"("organization_id", "id");

-- AddForeignKey
ALTER TABLE "delivery_attempt" ADD CONSTRAINT "delivery_attempt_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery_attempt" ADD CONSTRAINT "delivery_attempt_organization_id_subscription_id_fkey" FOREIGN KEY ("organization_id", "subscription_id") REFERENCES "event_subscription"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is subscribed already hears of what comes, not of what was.
UPDATE event_subscription s SET cursor = e.last_sequence FROM event_stream e WHERE e.id = s.organization_id;

-- The chain of each log (E2). The digest of an entry is SHA-256 over its canonical JSON (RFC 8785), which the service
-- makes for every new entry. For those that are here already the same form is made once, by functions of this session.
CREATE FUNCTION pg_temp.canonical_number(value numeric) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  shown text := (value::float8)::text;
  sign text := CASE WHEN value::float8 < 0 THEN '-' ELSE '' END;
  mantissa text := ltrim(split_part(shown, 'e', 1), '-');
  exponent integer := coalesce(nullif(split_part(shown, 'e', 2), ''), '0')::integer;
  whole text := split_part(mantissa, '.', 1);
  digits text := whole || split_part(mantissa, '.', 2);
  point integer := length(whole) + exponent;
  zeros integer := length(digits) - length(ltrim(digits, '0'));
BEGIN
  digits := rtrim(ltrim(digits, '0'), '0');
  point := point - zeros;
  IF digits = '' THEN RETURN '0'; END IF;
  IF length(digits) <= point AND point <= 21 THEN RETURN sign || rpad(digits, point, '0'); END IF;
  IF 0 < point AND point <= 21 THEN RETURN sign || left(digits, point) || '.' || substr(digits, point + 1); END IF;
  IF -6 < point AND point <= 0 THEN RETURN sign || '0.' || repeat('0', -point) || digits; END IF;
  RETURN sign || left(digits, 1) || CASE WHEN length(digits) > 1 THEN '.' || substr(digits, 2) ELSE '' END
    || 'e' || CASE WHEN point > 0 THEN '+' ELSE '-' END || abs(point - 1);
END $$;

CREATE FUNCTION pg_temp.canonical_json(value jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE jsonb_typeof(value)
    WHEN 'object' THEN (
      SELECT '{' || coalesce(string_agg(to_json(key)::text || ':' || pg_temp.canonical_json(item), ','
        ORDER BY key COLLATE "C"), '') || '}' FROM jsonb_each(value) AS field (key, item))
    WHEN 'array' THEN (
      SELECT '[' || coalesce(string_agg(pg_temp.canonical_json(item), ',' ORDER BY nth), '') || ']'
      FROM jsonb_array_elements(value) WITH ORDINALITY AS element (item, nth))
    WHEN 'number' THEN pg_temp.canonical_number(value::numeric)
    WHEN 'string' THEN to_json(value #>> '{}')::text
    ELSE value::text
  END;
END $$;

CREATE FUNCTION pg_temp.global_id(typename text, id uuid) RETURNS text LANGUAGE sql AS $$
  SELECT rtrim(translate(encode(convert_to(typename || ':' || id, 'UTF8'), 'base64'), E'+/\n', '-_'), '=') WHERE id IS NOT NULL
$$;

ALTER TABLE event DISABLE TRIGGER event_append_only;
DO $$
DECLARE
  entry record;
  log uuid;
  chained text;
BEGIN
  UPDATE event SET id = gen_random_uuid();
  FOR entry IN SELECT * FROM event ORDER BY stream_id, sequence LOOP
    IF log IS DISTINCT FROM entry.stream_id THEN
      UPDATE event_stream SET last_hash = chained WHERE id = log;
      log := entry.stream_id;
      chained := repeat('0', 64);
    END IF;
    chained := encode(sha256(convert_to(chained || E'\n' || entry.sequence || E'\n'
      || to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || E'\n'
      || encode(sha256(convert_to(pg_temp.canonical_json(jsonb_build_object(
        'id', pg_temp.global_id('Event', entry.id),
        'type', entry.type,
        'organizationId', pg_temp.global_id('Organization', entry.organization_id),
        'workspaceId', pg_temp.global_id('Workspace', entry.workspace_id),
        'actorId', pg_temp.global_id('User', entry.actor_id),
        'subject', jsonb_build_object('type', entry.subject_type,
          'id', pg_temp.global_id(entry.subject_type, entry.subject_id)),
        'changes', entry.changes,
        'requestId', entry.request_id)), 'UTF8')), 'hex'), 'UTF8')), 'hex');
    UPDATE event SET hash = chained WHERE stream_id = entry.stream_id AND sequence = entry.sequence;
  END LOOP;
  UPDATE event_stream SET last_hash = chained WHERE id = log;
END $$;
ALTER TABLE event ENABLE TRIGGER event_append_only;
DROP FUNCTION pg_temp.global_id, pg_temp.canonical_json, pg_temp.canonical_number;

ALTER TABLE event ALTER COLUMN id SET NOT NULL, ALTER COLUMN hash SET NOT NULL;

-- Appends entries to one log, each chained to the one before it. The row lock on the head is held until the transaction
-- ends: that makes the order of a log the order of its commits (E1). Whoever listens is told when it commits (E3).
CREATE FUNCTION append_events(log_id uuid, organization uuid, actor uuid, request text, entries jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  head event_stream;
  -- Taken behind the lock, so that a log's times run like its sequence.
  appended_at timestamptz(3);
  shown_at text;
  digest text;
  chained text;
  nth bigint;
  hashes text[] := '{}';
BEGIN
  SELECT * INTO head FROM event_stream WHERE id = log_id FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO event_stream (id) VALUES (log_id) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM event_stream WHERE id = log_id FOR UPDATE;
  END IF;
  appended_at := date_trunc('milliseconds', clock_timestamp());
  shown_at := to_char(appended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  chained := head.last_hash;
  FOR digest, nth IN SELECT e.entry ->> 'digest', e.nth FROM jsonb_array_elements(entries) WITH ORDINALITY AS e (entry, nth) LOOP
    chained := encode(sha256(convert_to(
      chained || E'\n' || (head.last_sequence + nth) || E'\n' || shown_at || E'\n' || digest, 'UTF8')), 'hex');
    hashes := hashes || chained;
  END LOOP;
  INSERT INTO event (id, stream_id, sequence, organization_id, workspace_id, type, actor_id, subject_type, subject_id,
                     changes, request_id, created_at, hash)
  SELECT (e.entry ->> 'id')::uuid, log_id, head.last_sequence + e.nth, organization, (e.entry ->> 'workspace')::uuid,
         e.entry ->> 'type', actor, e.entry ->> 'subjectType', (e.entry ->> 'subject')::uuid, e.entry -> 'changes',
         request, appended_at, hashes[e.nth]
  FROM jsonb_array_elements(entries) WITH ORDINALITY AS e (entry, nth);
  UPDATE event_stream SET last_sequence = head.last_sequence + cardinality(hashes), last_hash = chained
  WHERE id = log_id;
  PERFORM pg_notify('atrium_events', log_id::text);
END $$;

-- Entries leave by retention alone: its function moves the anchor first, to the hash that the rest is chained to.
CREATE FUNCTION refuse_event_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM removed LEFT JOIN event_stream s ON s.id = removed.stream_id
    WHERE removed.sequence > coalesce(s.anchor_sequence, 0)
  ) THEN
    RAISE EXCEPTION 'the event log is append-only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_append_only';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION refuse_event_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the event log is append-only'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_append_only';
END $$;
CREATE TRIGGER event_kept AFTER DELETE ON event REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_removal();
CREATE TRIGGER event_not_truncated BEFORE TRUNCATE ON event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_truncation();
CREATE FUNCTION refuse_false_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.anchor_sequence < old.anchor_sequence OR NOT EXISTS (
    SELECT FROM event WHERE stream_id = new.id AND sequence = new.anchor_sequence AND hash = new.anchor_hash
  ) THEN
    RAISE EXCEPTION 'the anchor of a log is one of its entries, and moves forward'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_append_only';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER event_stream_anchor BEFORE UPDATE OF anchor_sequence, anchor_hash ON event_stream
  FOR EACH ROW EXECUTE FUNCTION refuse_false_anchor();
CREATE TRIGGER event_stream_kept BEFORE DELETE ON event_stream
  FOR EACH ROW EXECUTE FUNCTION refuse_event_truncation();

-- The log with what it refers to: a view, because the log itself has no foreign keys.
CREATE VIEW log_entry AS
SELECT id, stream_id, sequence, organization_id, workspace_id, type, actor_id, subject_type, subject_id, changes,
       request_id, created_at, hash
FROM event;
