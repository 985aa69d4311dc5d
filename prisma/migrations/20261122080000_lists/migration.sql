-- Lists: what the view of effective members and the searches need to read one index instead of whole tables.

-- Each grant knows the level of its role, and a grant on a workspace what the organization role gives beside it. Then a
-- row of the view needs no other table, and the planner knows how few people reach workspaces through their organization.
ALTER TABLE "organization_member" ADD COLUMN "level" "access_level";
ALTER TABLE "workspace_member" ADD COLUMN "inherited_level" "access_level",
ADD COLUMN "level" "access_level";

-- Triggers keep them. Each reads its parent under a lock, so that a parent that changes at the same time either is read
-- changed, or waits and then finds this row when it passes its change on.
CREATE FUNCTION organization_member_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.level INTO new.level FROM role r WHERE r.id = new.role_id FOR SHARE;
  RETURN new;
END $$;
CREATE TRIGGER organization_member_level BEFORE INSERT OR UPDATE OF role_id ON organization_member
  FOR EACH ROW EXECUTE FUNCTION organization_member_level();

CREATE FUNCTION workspace_member_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT r.level INTO new.level FROM role r WHERE r.id = new.role_id FOR SHARE;
  SELECT om.level INTO new.inherited_level FROM organization_member om
  WHERE om.organization_id = new.organization_id AND om.user_id = new.user_id FOR SHARE;
  RETURN new;
END $$;
CREATE TRIGGER workspace_member_level BEFORE INSERT OR UPDATE OF role_id ON workspace_member
  FOR EACH ROW EXECUTE FUNCTION workspace_member_level();

CREATE FUNCTION pass_on_inherited_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE workspace_member SET inherited_level = new.level
  WHERE organization_id = new.organization_id AND user_id = new.user_id;
  RETURN NULL;
END $$;
CREATE TRIGGER organization_member_level_changed AFTER UPDATE ON organization_member
  FOR EACH ROW WHEN (old.level IS DISTINCT FROM new.level) EXECUTE FUNCTION pass_on_inherited_level();

CREATE FUNCTION pass_on_role_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE organization_member SET level = new.level
  WHERE organization_id = new.organization_id AND role_scope = new.scope AND role_id = new.id;
  UPDATE workspace_member SET level = new.level
  WHERE organization_id = new.organization_id AND role_scope = new.scope AND role_id = new.id;
  RETURN NULL;
END $$;
CREATE TRIGGER role_level_changed AFTER UPDATE ON role
  FOR EACH ROW WHEN (old.level IS DISTINCT FROM new.level) EXECUTE FUNCTION pass_on_role_level();

UPDATE organization_member m SET level = r.level FROM role r WHERE r.id = m.role_id;
UPDATE workspace_member m SET level = r.level, inherited_level = om.level
FROM role r, organization_member om
WHERE r.id = m.role_id AND om.organization_id = m.organization_id AND om.user_id = m.user_id;

-- The same rows as before. The two large branches are bare tables, and what leaves rows out is a column, because only
-- then the planner reads each branch in the order of its index and merges them: a page costs a page, not the whole list.
CREATE OR REPLACE VIEW member AS
SELECT id, grant_id, organization_id, of_organization_id, workspace_id, user_id, role_id, source, created_at, updated_at
FROM (
  SELECT om.id::text AS id, om.id AS grant_id, om.organization_id, om.organization_id AS of_organization_id,
         NULL::uuid AS workspace_id, om.user_id, om.role_id, 'DIRECT'::member_source AS source,
         om.created_at, om.updated_at, true AS counts
  FROM organization_member om
  UNION ALL
  SELECT wm.id::text, wm.id, wm.organization_id, NULL::uuid, wm.workspace_id, wm.user_id, wm.role_id,
         'DIRECT'::member_source, wm.created_at, wm.updated_at,
         wm.inherited_level IS NULL OR wm.level >= wm.inherited_level
  FROM workspace_member wm
  UNION ALL
  SELECT om.id || '.' || w.id, om.id, om.organization_id, NULL::uuid, w.id, om.user_id, om.role_id,
         'ORGANIZATION'::member_source, om.created_at, om.updated_at, true
  FROM workspace w
  JOIN organization_member om ON om.organization_id = w.organization_id AND om.level IS NOT NULL
  WHERE NOT EXISTS (
    SELECT FROM workspace_member wm
    WHERE wm.workspace_id = w.id AND wm.user_id = om.user_id AND wm.level >= om.level
  )
) grants
WHERE counts;

CREATE INDEX organization_member_inherits ON organization_member (organization_id, created_at, id)
  WHERE level IS NOT NULL;

-- People are found by parts of their names and addresses: one text of both, because citext has no trigrams. The line break
-- keeps the end of the one and the start of the other from being found as one.
ALTER TABLE "user" ADD COLUMN "search_text" TEXT NOT NULL DEFAULT '';
UPDATE "user" SET search_text = name || E'\n' || email;
CREATE FUNCTION user_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.search_text := new.name || E'\n' || new.email;
  RETURN new;
END $$;
CREATE TRIGGER user_search_text BEFORE INSERT OR UPDATE OF name, email, search_text ON "user"
  FOR EACH ROW EXECUTE FUNCTION user_search_text();
CREATE INDEX "user_search" ON "user" USING GIN ("search_text" gin_trgm_ops);

-- A list of workspaces that shows ids and names reads this index alone (O8).
DROP INDEX "workspace_organization_id_created_at_id_idx";
CREATE INDEX "workspace_list" ON "workspace"("organization_id", "created_at", "id", "name", "deleted_at");
