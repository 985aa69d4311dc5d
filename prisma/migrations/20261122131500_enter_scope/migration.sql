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

-- enter_scope for whoever changes the role of somebody: the roles that there are, what the other person holds now, and whether
-- the first one knows them.
CREATE FUNCTION enter_members(person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[])
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  entered json := enter_scope(person, asked_organization, asked_workspace, false);
  of_organization uuid := entered ->> 'organizationId';
BEGIN
  IF entered IS NULL THEN RETURN NULL; END IF;
  RETURN (
    SELECT json_build_object(
      'entered', entered,
      'roles', (SELECT coalesce(json_agg(role_json(r) ORDER BY r.created_at), '[]'::json) FROM role r
                WHERE r.organization_id = of_organization
                  AND r.scope = CASE WHEN asked_workspace IS NULL THEN 'ORGANIZATION' ELSE 'WORKSPACE' END::scope_kind),
      'membership', (SELECT json_build_object('id', m.id, 'role', role_json(r))
                     FROM organization_member m JOIN role r ON r.id = m.role_id
                     WHERE m.organization_id = of_organization AND m.user_id = about),
      'grant', (SELECT json_build_object('id', g.id, 'role', role_json(r))
                FROM workspace_member g JOIN role r ON r.id = g.role_id
                WHERE g.workspace_id = asked_workspace AND g.user_id = about),
      'isKnown', CASE WHEN known_from IS NULL THEN EXISTS (SELECT FROM "user" u WHERE u.id = about)
                      ELSE EXISTS (SELECT FROM organization_member m
                                   WHERE m.user_id = about AND m.organization_id = ANY (known_from || of_organization)) END));
END $$;

-- enter_scope for whoever accepts an invite: where its inviter stands now, the invite, and what the guest holds already.
CREATE FUNCTION enter_invite(invite_id uuid, guest uuid) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  offer invite;
  inviter uuid;
  entered json;
BEGIN
  SELECT * INTO offer FROM invite i WHERE i.id = invite_id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  LOOP
    inviter := offer.invited_by_id;
    entered := enter_scope(inviter, CASE WHEN offer.workspace_id IS NULL THEN offer.organization_id END,
                           offer.workspace_id, false);
    SELECT * INTO offer FROM invite i WHERE i.id = invite_id;
    IF NOT FOUND THEN RETURN NULL; END IF;
    -- Somebody else may have sent it again while this waited for the lock; behind the lock nobody can.
    EXIT WHEN entered IS NULL OR offer.invited_by_id IS NOT DISTINCT FROM inviter;
  END LOOP;
  RETURN (
    SELECT json_build_object(
      'entered', entered,
      'inviterId', inviter,
      'invite', json_build_object('state', offer.state, 'acceptedById', offer.accepted_by_id, 'tokenHash', offer.token_hash,
                                  'expiresAt', offer.expires_at,
                                  'role', (SELECT role_json(r) FROM role r WHERE r.id = offer.role_id)),
      'membership', (SELECT json_build_object('id', m.id, 'role', role_json(r))
                     FROM organization_member m JOIN role r ON r.id = m.role_id
                     WHERE m.organization_id = offer.organization_id AND m.user_id = guest),
      'grant', (SELECT json_build_object('id', g.id, 'role', role_json(r))
                FROM workspace_member g JOIN role r ON r.id = g.role_id
                WHERE g.workspace_id = offer.workspace_id AND g.user_id = guest)));
END $$;
