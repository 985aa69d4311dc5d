-- A role as whoever decides by it needs it.
CREATE FUNCTION role_json(r role) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', r.id, 'scope', r.scope, 'key', r.key, 'name', r.name, 'builtIn', r.built_in,
                           'level', r.level, 'permissions', r.permissions)
$$;

-- Locks an organization, or a workspace behind its organization, and says where a person stands there. One call instead of
-- four, and right all the same: each statement of a volatile function reads what is committed when it begins, so that what is
-- read here is from behind the locks.
CREATE FUNCTION enter_scope(person uuid, asked_organization uuid, asked_workspace uuid, is_shared boolean) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  of_organization uuid := asked_organization;
BEGIN
  IF asked_workspace IS NOT NULL THEN
    SELECT w.organization_id INTO of_organization FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL;
  END IF;
  IF is_shared OR asked_workspace IS NOT NULL THEN
    PERFORM FROM organization o
    WHERE o.id = of_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR SHARE;
  ELSE
    PERFORM FROM organization o
    WHERE o.id = of_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR UPDATE;
  END IF;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF asked_workspace IS NOT NULL THEN
    IF is_shared THEN
      PERFORM FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL FOR SHARE;
    ELSE
      PERFORM FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL FOR NO KEY UPDATE;
    END IF;
    IF NOT FOUND THEN RETURN NULL; END IF;
  END IF;
  RETURN (
    SELECT json_build_object(
      'organizationId', o.id,
      'slug', o.slug,
      'person', (SELECT json_build_object('platformRole', u.platform_role, 'suspendedAt', u.suspended_at)
                 FROM "user" u WHERE u.id = person),
      'membership', (SELECT json_build_object('id', m.id, 'role', role_json(r),
                                              'organization', json_build_object('settings', o.settings))
                     FROM organization_member m JOIN role r ON r.id = m.role_id
                     WHERE m.organization_id = o.id AND m.user_id = person),
      'workspace', (SELECT json_build_object(
                      'id', w.id, 'organizationId', o.id, 'settings', w.settings,
                      'organization', json_build_object('settings', o.settings),
                      'grants', (SELECT coalesce(json_agg(json_build_object('id', g.id, 'role', role_json(r))), '[]'::json)
                                 FROM workspace_member g JOIN role r ON r.id = g.role_id
                                 WHERE g.workspace_id = w.id AND g.user_id = person))
                    FROM workspace w WHERE w.id = asked_workspace))
    FROM organization o WHERE o.id = of_organization);
END $$;
