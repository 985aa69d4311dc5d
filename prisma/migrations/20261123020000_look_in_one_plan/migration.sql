-- What a write is decided by is looked at for many at once, and to start a plan costs more than running it for one of them. A
-- function that returns a set becomes part of the statement that asks it, so that there is one plan for all; one that returns a
-- value is started for each. What is behind OFFSET 0 stays by itself: each who asks is looked up by a key, however many others
-- PostgreSQL expects beside them.

DROP FUNCTION look_scope(uuid, uuid, uuid);
DROP FUNCTION look_members(uuid, uuid, uuid, uuid, uuid[]);
DROP FUNCTION look_invite(text, uuid);
DROP FUNCTION membership_json(uuid, uuid);
DROP FUNCTION grant_json(uuid, uuid);

-- What a person holds in an organization, and in one of its workspaces.
CREATE FUNCTION look_membership(of_organization uuid, person uuid) RETURNS SETOF json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', m.id, 'role', role_json(r))
  FROM organization_member m JOIN role r ON r.id = m.role_id
  WHERE m.organization_id = of_organization AND m.user_id = person OFFSET 0
$$;
CREATE FUNCTION look_grant(of_workspace uuid, person uuid) RETURNS SETOF json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', g.id, 'role', role_json(r))
  FROM workspace_member g JOIN role r ON r.id = g.role_id
  WHERE g.workspace_id = of_workspace AND g.user_id = person OFFSET 0
$$;

-- Where a person stands in an organization or in one of its workspaces; none where the scope is absent or deleted.
CREATE FUNCTION look_scope(person uuid, asked_organization uuid, asked_workspace uuid) RETURNS SETOF json
LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'organizationId', o.id,
    'slug', o.slug,
    'sequence', coalesce((SELECT s.last_sequence FROM event_stream s WHERE s.id = o.id), 0),
    'person', (SELECT json_build_object('id', u.id, 'platformRole', u.platform_role, 'suspendedAt', u.suspended_at)
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
  FROM organization o
  WHERE o.id = CASE WHEN asked_workspace IS NULL THEN asked_organization
                    ELSE (SELECT w.organization_id FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL) END
    AND o.purge_started_at IS NULL AND o.deleted_at IS NULL
  OFFSET 0
$$;

-- look_scope for whoever changes the role of somebody: the roles that there are, what the other person holds now, and whether the
-- first one knows them. Where an array stands in a condition as what is looked for, PostgreSQL expects another number of
-- organizations each time, and plans anew: array_position keeps the plan.
CREATE FUNCTION look_members(person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[])
RETURNS SETOF json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'entered', s.entered,
    'roles', (SELECT coalesce(json_agg(role_json(r) ORDER BY r.created_at, r.id), '[]'::json) FROM role r
              WHERE r.organization_id = s.organization_id
                AND r.scope = CASE WHEN asked_workspace IS NULL THEN 'ORGANIZATION' ELSE 'WORKSPACE' END::scope_kind),
    'membership', (SELECT m FROM look_membership(s.organization_id, about) m),
    'grant', (SELECT g FROM look_grant(asked_workspace, about) g),
    'isKnown', CASE WHEN known_from IS NULL THEN EXISTS (SELECT FROM "user" u WHERE u.id = about)
                    ELSE EXISTS (SELECT FROM organization_member m WHERE m.user_id = about AND (
                      m.organization_id = s.organization_id
                      OR array_position(known_from, m.organization_id) IS NOT NULL)) END)
  FROM (SELECT e.entered, (e.entered ->> 'organizationId')::uuid AS organization_id
        FROM look_scope(person, asked_organization, asked_workspace) AS e (entered) OFFSET 0) s
$$;

-- look_scope for whoever accepts an invite: where its inviter stands, the invite, what the guest holds already, and what they hold
-- in the organization as long as nobody gives them more. None for a token that leads to no invite; the scope is null where it was
-- deleted.
CREATE FUNCTION look_invite(secret_hash text, guest uuid) RETURNS SETOF json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'entered', (SELECT e FROM look_scope(i.invited_by_id, i.organization_id, i.workspace_id) e),
    'organization', json_build_object('settings', o.settings),
    'plainRole', (SELECT role_json(r) FROM role r
                  WHERE r.organization_id = o.id AND r.scope = 'ORGANIZATION' AND r.key = 'MEMBER'),
    'invite', json_build_object('id', i.id, 'organizationId', i.organization_id, 'workspaceId', i.workspace_id,
                                'email', i.email, 'state', i.state, 'acceptedById', i.accepted_by_id,
                                'tokenHash', i.token_hash, 'expiresAt', i.expires_at,
                                'role', (SELECT role_json(r) FROM role r WHERE r.id = i.role_id)),
    'membership', (SELECT m FROM look_membership(i.organization_id, guest) m),
    'grant', (SELECT g FROM look_grant(i.workspace_id, guest) g))
  FROM invite i JOIN organization o ON o.id = i.organization_id AND o.deleted_at IS NULL
  WHERE i.token_hash = secret_hash OFFSET 0
$$;

CREATE OR REPLACE FUNCTION enter_scope(lock text, person uuid, asked_organization uuid, asked_workspace uuid) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF lock_scope(lock, asked_organization, asked_workspace) IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT l FROM look_scope(person, asked_organization, asked_workspace) l);
END $$;

CREATE OR REPLACE FUNCTION enter_members(
  person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[]
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF lock_scope('UPDATE', asked_organization, asked_workspace) IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT l FROM look_members(person, asked_organization, asked_workspace, about, known_from) l);
END $$;

-- Where an invite leads to never changes: it is what is locked. Whatever else becomes of it is seen behind the lock.
CREATE OR REPLACE FUNCTION enter_invite(secret_hash text, guest uuid) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_scope('UPDATE', i.organization_id, i.workspace_id) FROM invite i WHERE i.token_hash = secret_hash;
  RETURN (SELECT l FROM look_invite(secret_hash, guest) l);
END $$;
