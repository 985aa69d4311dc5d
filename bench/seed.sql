-- Fills an empty database, the same in every run; seed.ts says how large. Of the people of an organization the first owns
-- it, the second administers it, and the third is a plain member with a role on each of its workspaces: the benchmark asks
-- as the last two in turn. Everybody is in two more organizations. Four large workspaces have a crowd of members.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('00000000-0000-7000-8' || kind || '-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.size(name text) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT current_setting('bench.' || name)::int $$;

-- Without triggers, and with indexes that are made afterwards: minutes become seconds.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
CREATE TEMP TABLE dropped AS
  SELECT i.indexname, i.indexdef FROM pg_indexes i
  WHERE i.schemaname = 'public' AND i.tablename IN ('user', 'organization_member', 'workspace_member')
    AND i.indexdef NOT LIKE 'CREATE UNIQUE%';
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT indexname FROM dropped LOOP EXECUTE format('DROP INDEX %I', one.indexname); END LOOP;
END $$;

INSERT INTO "user" (id, email, name, search_text, email_verified, created_at, updated_at)
SELECT pg_temp.id('001', p), email, name, name || E'\n' || email, true,
       timestamptz '2026-01-01' + p * interval '1 second', now()
FROM (SELECT p, 'person' || p || '@example.com' AS email, 'Person ' || substr(md5(p::text), 1, 8) AS name
      FROM generate_series(0, pg_temp.size('people') - 1) p) people;

INSERT INTO session (id, token, user_id, expires_at, updated_at)
SELECT pg_temp.id('007', p), encode(sha256(convert_to('bench-session-of-person-' || p, 'UTF8')), 'hex'),
       pg_temp.id('001', p), now() + interval '30 days', now()
FROM generate_series(0, pg_temp.size('people') - 1) p;

INSERT INTO organization (id, slug, name, created_by_id, created_at, updated_at)
SELECT pg_temp.id('002', o), 'bench-o' || o, 'Organization ' || o, pg_temp.id('001', o),
       timestamptz '2026-01-01' + o * interval '1 minute', now()
FROM generate_series(0, pg_temp.size('organizations') - 1) o;

CREATE TEMP TABLE built_in AS
  SELECT * FROM json_to_recordset(current_setting('bench.roles')::json)
    AS r (nth int, scope scope_kind, key text, name text, description text, level access_level);
INSERT INTO role (id, organization_id, scope, key, name, description, level, built_in, updated_at)
SELECT pg_temp.id('004', o * 8 + r.nth), pg_temp.id('002', o), r.scope, r.key, r.name, r.description, r.level, true, now()
FROM generate_series(0, pg_temp.size('organizations') - 1) o, built_in r;

-- Workspace w lies in organization w % organizations.
INSERT INTO workspace (id, organization_id, key, database_name, name, description, labels, created_by_id, created_at,
                       updated_at)
SELECT pg_temp.id('003', w), pg_temp.id('002', o), 'w-' || w, 'bench_w' || w, 'Workspace ' || w,
       'What this workspace is for, in one sentence.', ARRAY['bench', 'n' || w % 7], pg_temp.id('001', o),
       timestamptz '2026-01-01' + w * interval '1 second', now()
FROM (SELECT w, w % pg_temp.size('organizations') AS o
      FROM generate_series(0, pg_temp.size('organizations') * pg_temp.size('workspaces') - 1) w) workspaces;

-- Person p is at home in organization p % organizations, as the (p / organizations)th.
CREATE TEMP TABLE joined AS
  SELECT p, p % n AS o, CASE p / n WHEN 0 THEN 'OWNER' WHEN 1 THEN 'ADMIN' ELSE 'MEMBER' END AS key
  FROM (SELECT p, pg_temp.size('organizations') AS n FROM generate_series(0, pg_temp.size('people') - 1) p) people
  UNION ALL
  SELECT p, (p + step * 7) % pg_temp.size('organizations'), 'MEMBER'
  FROM generate_series(0, pg_temp.size('people') - 1) p, generate_series(1, 2) step;
INSERT INTO joined
SELECT p, o, 'MEMBER'
FROM generate_series(0, pg_temp.size('crowd') - 1) p, generate_series(0, pg_temp.size('large') - 1) o
WHERE NOT EXISTS (SELECT FROM joined j WHERE j.p = p.p AND j.o = o.o);

INSERT INTO organization_member (id, organization_id, user_id, role_id, level, created_at, updated_at)
SELECT pg_temp.id('005', row_number() OVER (ORDER BY j.p, j.o)), pg_temp.id('002', j.o), pg_temp.id('001', j.p),
       pg_temp.id('004', j.o * 8 + r.nth), r.level, timestamptz '2026-01-01' + j.p * interval '3 seconds', now()
FROM joined j JOIN built_in r ON r.scope = 'ORGANIZATION' AND r.key = j.key;

-- The plain member who asks is in every workspace, the others in turn.
CREATE TEMP TABLE granted AS
  SELECT DISTINCT k * n + o AS w, (CASE i WHEN 0 THEN 2 ELSE 3 + (k * 13 + i) % (each - 3) END) * n + o AS p, o
  FROM (SELECT pg_temp.size('organizations') AS n, pg_temp.size('people') / pg_temp.size('organizations') AS each) sizes,
       generate_series(0, n - 1) o, generate_series(0, pg_temp.size('workspaces') - 1) k,
       generate_series(0, pg_temp.size('members') - 1) i;
INSERT INTO granted
SELECT j.o, j.p, j.o FROM joined j
WHERE j.o < pg_temp.size('large') AND j.p < pg_temp.size('crowd') AND j.key = 'MEMBER'
  AND NOT EXISTS (SELECT FROM granted g WHERE g.w = j.o AND g.p = j.p);

INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, level, created_at, updated_at)
SELECT pg_temp.id('006', row_number() OVER (ORDER BY g.w, g.p)), pg_temp.id('002', g.o), pg_temp.id('003', g.w),
       pg_temp.id('001', g.p), pg_temp.id('004', g.o * 8 + r.nth), r.level,
       timestamptz '2026-02-01' + g.p * interval '3 seconds' + g.w * interval '1 millisecond', now()
FROM granted g JOIN built_in r ON r.scope = 'WORKSPACE' AND r.key = (ARRAY['READ', 'WRITE', 'ADMIN'])[1 + g.p % 3];

DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT indexdef FROM dropped LOOP EXECUTE one.indexdef; END LOOP;
END $$;
