-- What Prisma's schema can not say: the view of effective members, and the rules that the database keeps by itself.

-- One row per user and scope (M1). The first branch is the organization's own list; the second and third are a
-- workspace's: the direct grant, unless the organization role reaches higher; and the organization role, unless the
-- direct grant reaches as high. access_level is ordered READ < WRITE < ADMIN < OWNER by its definition.
CREATE VIEW member AS
SELECT om.id::text AS id, om.id AS grant_id, om.organization_id, om.organization_id AS of_organization_id,
       NULL::uuid AS workspace_id, om.user_id, om.role_id, 'DIRECT'::member_source AS source,
       om.created_at, om.updated_at
FROM organization_member om
UNION ALL
SELECT wm.id::text, wm.id, wm.organization_id, NULL::uuid, wm.workspace_id, wm.user_id, wm.role_id,
       'DIRECT'::member_source, wm.created_at, wm.updated_at
FROM workspace_member wm
JOIN role direct ON direct.id = wm.role_id
JOIN organization_member om ON om.organization_id = wm.organization_id AND om.user_id = wm.user_id
JOIN role inherited ON inherited.id = om.role_id
WHERE inherited.level IS NULL OR direct.level >= inherited.level
UNION ALL
SELECT om.id || '.' || w.id, om.id, om.organization_id, NULL::uuid, w.id, om.user_id, om.role_id,
       'ORGANIZATION'::member_source, om.created_at, om.updated_at
FROM organization_member om
JOIN role inherited ON inherited.id = om.role_id AND inherited.level IS NOT NULL
JOIN workspace w ON w.organization_id = om.organization_id
WHERE NOT EXISTS (
  SELECT FROM workspace_member wm
  JOIN role direct ON direct.id = wm.role_id
  WHERE wm.workspace_id = w.id AND wm.user_id = om.user_id AND direct.level >= inherited.level
);

-- The scope in a member's foreign key is a constant, and a workspace role always opens its workspace.
ALTER TABLE organization_member ADD CONSTRAINT organization_member_scope CHECK (role_scope = 'ORGANIZATION');
ALTER TABLE workspace_member ADD CONSTRAINT workspace_member_scope CHECK (role_scope = 'WORKSPACE');
ALTER TABLE role ADD CONSTRAINT role_level CHECK (scope = 'ORGANIZATION' OR level IS NOT NULL);
ALTER TABLE role ADD CONSTRAINT role_owner CHECK (built_in OR scope = 'WORKSPACE' OR level IS DISTINCT FROM 'OWNER');
ALTER TABLE invite ADD CONSTRAINT invite_scope CHECK ((role_scope = 'WORKSPACE') = (workspace_id IS NOT NULL));

-- A workspace of an invite is checked by a foreign key with a null inside, which PostgreSQL lets pass: the organization's
-- own invites have no workspace, and that is right.

-- Names and keys have the form that the API promises, whoever writes them (W3, W4).
ALTER TABLE organization ADD CONSTRAINT organization_slug CHECK (slug ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(slug) <= 48);
ALTER TABLE workspace ADD CONSTRAINT workspace_key CHECK (key ~ '^[a-z][a-z0-9-]{1,47}$');
ALTER TABLE workspace ADD CONSTRAINT workspace_database_name CHECK (database_name ~ '^[a-z_][a-z0-9_]{0,62}$');
ALTER TABLE workspace ADD CONSTRAINT workspace_name CHECK (length(name) BETWEEN 1 AND 120);

-- One open invite per address and scope: inviting again renews it (lesson 7).
CREATE UNIQUE INDEX invite_pending ON invite (organization_id, workspace_id, email) NULLS NOT DISTINCT
  WHERE state = 'PENDING';

-- Key and database name are promises to the outside (W3).
CREATE FUNCTION refuse_new_workspace_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a workspace keeps its key, database name and organization'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'workspace_key_immutable';
END $$;
CREATE TRIGGER workspace_key_immutable BEFORE UPDATE OF key, database_name, organization_id ON workspace
  FOR EACH ROW WHEN (old.key <> new.key OR old.database_name <> new.database_name OR old.organization_id <> new.organization_id)
  EXECUTE FUNCTION refuse_new_workspace_key();

-- At least one owner, on every path (M12). Deferred, so that ownership can change hands inside of one transaction. The
-- lock makes two transactions that each take away another owner wait for each other; at READ COMMITTED the second one
-- then counts what the first has left.
CREATE FUNCTION refuse_ownerless_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM organization WHERE id = old.organization_id FOR UPDATE;
  IF FOUND AND NOT EXISTS (
    SELECT FROM organization_member m JOIN role r ON r.id = m.role_id
    WHERE m.organization_id = old.organization_id AND r.level = 'OWNER'
  ) THEN
    RAISE EXCEPTION 'organization % would have no owner', old.organization_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'organization_last_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_last_owner AFTER UPDATE OR DELETE ON organization_member
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_ownerless_organization();

-- A new organization has an owner by the time its transaction ends.
CREATE FUNCTION refuse_organization_without_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM organization WHERE id = new.id) AND NOT EXISTS (
    SELECT FROM organization_member m JOIN role r ON r.id = m.role_id
    WHERE m.organization_id = new.id AND r.level = 'OWNER'
  ) THEN
    RAISE EXCEPTION 'organization % would have no owner', new.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'organization_last_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_first_owner AFTER INSERT ON organization
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_organization_without_owner();

-- A built-in role means the same everywhere and for ever: above all, the owner stays an owner.
CREATE FUNCTION refuse_new_built_in_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a built-in role can not be changed'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_built_in_immutable';
END $$;
CREATE TRIGGER role_built_in_immutable BEFORE UPDATE ON role
  FOR EACH ROW WHEN (old.built_in AND (old.key, old.scope, old.level, old.built_in, old.organization_id)
    IS DISTINCT FROM (new.key, new.scope, new.level, new.built_in, new.organization_id))
  EXECUTE FUNCTION refuse_new_built_in_role();

-- The platform keeps an active administrator once it has one (access.md, rule 4). Locked like the owners, on one key.
CREATE FUNCTION refuse_platform_without_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('atrium:platform-admin'));
  IF NOT EXISTS (SELECT FROM "user" WHERE platform_role = 'ADMIN' AND suspended_at IS NULL) THEN
    RAISE EXCEPTION 'the platform would have no active administrator'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'platform_last_admin';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER platform_last_admin_changed AFTER UPDATE OF platform_role, suspended_at ON "user"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.platform_role = 'ADMIN' AND old.suspended_at IS NULL)
  EXECUTE FUNCTION refuse_platform_without_admin();
CREATE CONSTRAINT TRIGGER platform_last_admin_deleted AFTER DELETE ON "user"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.platform_role = 'ADMIN' AND old.suspended_at IS NULL)
  EXECUTE FUNCTION refuse_platform_without_admin();

-- The log is written once (E1). Old entries may leave by retention; none may change.
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the event log is append-only'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_append_only';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
