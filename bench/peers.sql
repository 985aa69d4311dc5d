-- What the peers need beside Atrium's own tables: the same rules once more, as row-level security for PostGraphile and as
-- functions for the writes. Atrium, the floor and mercurius connect as the owner of the tables, whom policies don't bind.
CREATE SCHEMA bench;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bench_visitor') THEN
    CREATE ROLE bench_visitor NOLOGIN;
    CREATE ROLE bench_postgraphile LOGIN PASSWORD 'bench' NOINHERIT;
    GRANT bench_visitor TO bench_postgraphile;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public, bench TO bench_visitor;
GRANT SELECT ON organization, workspace, role, "user", organization_member, workspace_member TO bench_visitor;
-- Who asks is found before row-level security can know it.
GRANT SELECT ON session, "user" TO bench_postgraphile;
GRANT USAGE ON SCHEMA public TO bench_postgraphile;

CREATE FUNCTION bench.viewer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('bench.viewer', true), '')::uuid $$;
-- Definers' rights keep the policies from asking themselves; each is evaluated once per statement.
CREATE FUNCTION bench.my_organizations() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT om.organization_id FROM organization_member om JOIN organization o ON o.id = om.organization_id
   WHERE om.user_id = bench.viewer() AND o.deleted_at IS NULL $$;
CREATE FUNCTION bench.my_open_organizations() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT om.organization_id FROM organization_member om JOIN organization o ON o.id = om.organization_id
   WHERE om.user_id = bench.viewer() AND om.level IS NOT NULL AND o.deleted_at IS NULL $$;
CREATE FUNCTION bench.my_workspaces() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT g.workspace_id FROM workspace_member g JOIN organization o ON o.id = g.organization_id
   WHERE g.user_id = bench.viewer() AND o.deleted_at IS NULL $$;

ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON organization FOR SELECT TO bench_visitor
  USING (deleted_at IS NULL AND id IN (SELECT bench.my_organizations()));
ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON workspace FOR SELECT TO bench_visitor USING (deleted_at IS NULL AND
  (organization_id IN (SELECT bench.my_open_organizations()) OR id IN (SELECT bench.my_workspaces())));
ALTER TABLE role ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON role FOR SELECT TO bench_visitor USING (organization_id IN (SELECT bench.my_organizations()));
ALTER TABLE organization_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON organization_member FOR SELECT TO bench_visitor
  USING (organization_id IN (SELECT bench.my_organizations()));
ALTER TABLE workspace_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON workspace_member FOR SELECT TO bench_visitor USING
  (organization_id IN (SELECT bench.my_open_organizations()) OR workspace_id IN (SELECT bench.my_workspaces()));
ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench ON "user" FOR SELECT TO bench_visitor USING (id = bench.viewer() OR EXISTS (
  SELECT FROM organization_member om
  WHERE om.user_id = "user".id AND om.organization_id IN (SELECT bench.my_organizations())));
CREATE POLICY bench_sign_in ON "user" FOR SELECT TO bench_postgraphile USING (true);
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
CREATE POLICY bench_sign_in ON session FOR SELECT TO bench_postgraphile USING (true);

-- Effective members, with the reader's rights, and with what the list is filtered and ordered by.
CREATE VIEW bench.effective_member WITH (security_invoker = true) AS
  SELECT wm.id AS grant_id, wm.workspace_id, wm.user_id, wm.role_id, wm.created_at
  FROM workspace_member wm WHERE wm.inherited_level IS NULL OR wm.level >= wm.inherited_level
  UNION ALL
  SELECT om.id, w.id, om.user_id, om.role_id, om.created_at
  FROM workspace w JOIN organization_member om ON om.organization_id = w.organization_id AND om.level IS NOT NULL
  WHERE NOT EXISTS (SELECT FROM workspace_member wm
                    WHERE wm.workspace_id = w.id AND wm.user_id = om.user_id AND wm.level >= om.level);
COMMENT ON VIEW bench.effective_member IS E'@primaryKey grant_id,workspace_id\n@foreignKey (workspace_id) references public.workspace (id)|@fieldName workspace|@foreignFieldName members\n@foreignKey (user_id) references public."user" (id)|@fieldName user|@behavior -manyToMany\n@foreignKey (role_id) references public.role (id)|@fieldName role';
CREATE VIEW bench.listed_member WITH (security_invoker = true) AS
  SELECT m.grant_id, m.workspace_id, m.created_at, m.role_id, m.user_id, r.key AS role_key, u.name AS full_name, u.email::text AS email
  FROM bench.effective_member m JOIN role r ON r.id = m.role_id JOIN "user" u ON u.id = m.user_id;
COMMENT ON VIEW bench.listed_member IS E'@primaryKey grant_id,workspace_id\n@foreignKey (workspace_id) references public.workspace (id)|@fieldName workspace|@foreignFieldName listedMembers\n@behavior +filterBy +orderBy';
GRANT SELECT ON bench.effective_member, bench.listed_member TO bench_visitor;

-- The writes, each one statement for whoever calls it: what is permitted, the locks, the rows and their events.
CREATE FUNCTION bench.entry(workspace uuid, kind text, subject_type text, subject uuid, changed jsonb) RETURNS jsonb
LANGUAGE sql AS $$
  SELECT told || jsonb_build_object('digest', encode(sha256(convert_to(told::text, 'UTF8')), 'hex'))
  FROM jsonb_build_object('id', gen_random_uuid(), 'workspace', workspace, 'type', kind, 'subjectType', subject_type,
                          'subject', subject, 'changes', changed) told
$$;

CREATE FUNCTION bench.refuse_unless(permitted boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF permitted IS NOT TRUE THEN RAISE EXCEPTION 'not permitted'; END IF;
END $$;

CREATE FUNCTION bench.create_workspace_as(viewer uuid, organization uuid, title text) RETURNS SETOF workspace
LANGUAGE plpgsql AS $$
DECLARE
  made workspace;
  granted uuid := gen_random_uuid();
BEGIN
  PERFORM FROM organization o WHERE o.id = organization AND o.deleted_at IS NULL FOR SHARE;
  PERFORM bench.refuse_unless(EXISTS (
    SELECT FROM organization_member om JOIN role r ON r.id = om.role_id
    WHERE om.organization_id = organization AND om.user_id = viewer AND r.key IN ('OWNER', 'ADMIN', 'WORKSPACE_MANAGER')));
  INSERT INTO workspace (id, organization_id, key, database_name, name, created_by_id, updated_by_id, updated_at)
  VALUES (gen_random_uuid(), organization, 'k' || substr(md5(title), 1, 20), 'd' || substr(md5(organization || title), 1, 30),
          title, viewer, viewer, now())
  RETURNING * INTO made;
  INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, updated_at)
  SELECT granted, organization, made.id, viewer, r.id, now() FROM role r
  WHERE r.organization_id = organization AND r.scope = 'WORKSPACE' AND r.key = 'OWNER';
  PERFORM append_events(organization, organization, viewer, NULL, jsonb_build_array(
    bench.entry(made.id, 'workspace.created', 'Workspace', made.id,
                jsonb_build_object('name', jsonb_build_object('after', title))),
    bench.entry(made.id, 'member.added', 'Member', granted, '{}')));
  RETURN NEXT made;
END $$;

CREATE FUNCTION bench.set_member_role_as(viewer uuid, workspace uuid, person uuid, role_key text)
RETURNS TABLE (key text, full_name text) LANGUAGE plpgsql AS $$
DECLARE
  organization uuid;
  mine access_level;
  changed uuid;
  wanted role;
BEGIN
  SELECT w.organization_id INTO organization FROM workspace w WHERE w.id = workspace AND w.deleted_at IS NULL;
  PERFORM FROM organization o WHERE o.id = organization AND o.deleted_at IS NULL FOR SHARE;
  PERFORM FROM workspace w WHERE w.id = workspace FOR NO KEY UPDATE;
  SELECT max(held.level) INTO mine FROM (
    SELECT om.level FROM organization_member om WHERE om.organization_id = organization AND om.user_id = viewer
    UNION ALL SELECT g.level FROM workspace_member g WHERE g.workspace_id = workspace AND g.user_id = viewer) held;
  SELECT * INTO wanted FROM role r
  WHERE r.organization_id = organization AND r.scope = 'WORKSPACE' AND r.key = role_key;
  PERFORM bench.refuse_unless(mine >= 'ADMIN' AND wanted.level <= mine AND EXISTS (
    SELECT FROM workspace_member g WHERE g.workspace_id = workspace AND g.user_id = person AND g.level <= mine));
  UPDATE workspace_member g SET role_id = wanted.id, updated_at = now()
  WHERE g.workspace_id = workspace AND g.user_id = person RETURNING g.id INTO changed;
  PERFORM append_events(organization, organization, viewer, NULL, jsonb_build_array(
    bench.entry(workspace, 'member.role_changed', 'Member', changed,
                jsonb_build_object('role', jsonb_build_object('after', role_key)))));
  RETURN QUERY SELECT wanted.key, u.name FROM "user" u WHERE u.id = person;
END $$;

CREATE FUNCTION bench.accept_invite_as(viewer uuid, secret text)
RETURNS TABLE (workspace_name text, state text) LANGUAGE plpgsql AS $$
DECLARE
  offer invite;
  offered access_level;
  joined uuid := gen_random_uuid();
  granted uuid := gen_random_uuid();
  told jsonb := '[]';
BEGIN
  SELECT i.* INTO offer FROM invite i JOIN "user" u ON u.id = viewer AND u.email = i.email
  WHERE i.token_hash = encode(sha256(convert_to(secret, 'UTF8')), 'hex');
  PERFORM FROM organization o WHERE o.id = offer.organization_id AND o.deleted_at IS NULL FOR SHARE;
  PERFORM FROM workspace w WHERE w.id = offer.workspace_id AND w.deleted_at IS NULL FOR NO KEY UPDATE;
  SELECT r.level INTO offered FROM role r WHERE r.id = offer.role_id;
  -- Who has invited has to stand as high now as then.
  PERFORM bench.refuse_unless((
    SELECT max(held.level) >= greatest(offered, 'ADMIN') FROM (
      SELECT om.level FROM organization_member om
      WHERE om.organization_id = offer.organization_id AND om.user_id = offer.invited_by_id
      UNION ALL SELECT g.level FROM workspace_member g
      WHERE g.workspace_id = offer.workspace_id AND g.user_id = offer.invited_by_id) held));
  UPDATE invite i SET state = 'ACCEPTED', accepted_by_id = viewer, updated_at = now()
  WHERE i.id = offer.id AND i.state = 'PENDING' AND i.expires_at > now();
  PERFORM bench.refuse_unless(FOUND);
  INSERT INTO organization_member (id, organization_id, user_id, role_id, updated_at)
  SELECT joined, offer.organization_id, viewer, r.id, now() FROM role r
  WHERE r.organization_id = offer.organization_id AND r.scope = 'ORGANIZATION' AND r.key = 'MEMBER'
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    told := jsonb_build_array(bench.entry(NULL, 'member.added', 'Member', joined, '{}'));
  END IF;
  INSERT INTO workspace_member (id, organization_id, workspace_id, user_id, role_id, updated_at)
  VALUES (granted, offer.organization_id, offer.workspace_id, viewer, offer.role_id, now());
  PERFORM append_events(offer.organization_id, offer.organization_id, viewer, NULL, told || jsonb_build_array(
    bench.entry(offer.workspace_id, 'member.added', 'Member', granted, '{}'),
    bench.entry(offer.workspace_id, 'invite.accepted', 'Invite', offer.id, '{}')));
  RETURN QUERY SELECT w.name, 'ACCEPTED' FROM workspace w WHERE w.id = offer.workspace_id;
END $$;

-- For PostGraphile, which calls functions with the visitor's settings.
CREATE FUNCTION bench.create_bench_workspace(organization uuid, title text) RETURNS workspace
LANGUAGE sql VOLATILE SECURITY DEFINER AS
$$ SELECT w.* FROM bench.create_workspace_as(bench.viewer(), organization, title) w $$;
CREATE TYPE bench.role_set AS (key text, full_name text);
CREATE FUNCTION bench.set_bench_role(workspace uuid, person uuid, role_key text) RETURNS bench.role_set
LANGUAGE sql VOLATILE SECURITY DEFINER AS
$$ SELECT r.key, r.full_name FROM bench.set_member_role_as(bench.viewer(), workspace, person, role_key) r $$;
CREATE TYPE bench.invite_accepted AS (workspace_name text, state text);
CREATE FUNCTION bench.accept_bench_invite(secret text) RETURNS bench.invite_accepted
LANGUAGE sql VOLATILE SECURITY DEFINER AS
$$ SELECT i.workspace_name, i.state FROM bench.accept_invite_as(bench.viewer(), secret) i $$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA bench FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bench.viewer, bench.my_organizations, bench.my_open_organizations, bench.my_workspaces,
  bench.create_bench_workspace, bench.set_bench_role, bench.accept_bench_invite TO bench_visitor;
