-- What a write in a scope is decided by can now be looked at without the scope's lock too: whoever writes plans by that, and the
-- write itself asks behind the lock whether it still holds. So what was one function each becomes two: `look_` reads, and `enter_`
-- locks before it does. Each statement of a volatile function sees what is committed when it begins, and what it calls sees the
-- same: what is read here is from behind the locks.

DROP FUNCTION enter_scope(uuid, uuid, uuid, boolean);
DROP FUNCTION enter_members(uuid, uuid, uuid, uuid, uuid[]);
DROP FUNCTION enter_invite(text, uuid);

-- Locks an organization, or a workspace behind its organization: SHARE for whoever puts something into it, UPDATE for whoever
-- changes it. Answers the organization, or null where the scope is absent or deleted.
CREATE FUNCTION lock_scope(lock text, asked_organization uuid, asked_workspace uuid) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  of_organization uuid := asked_organization;
BEGIN
  IF asked_workspace IS NOT NULL THEN
    SELECT w.organization_id INTO of_organization FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL;
  END IF;
  IF lock = 'SHARE' OR asked_workspace IS NOT NULL THEN
    PERFORM FROM organization o
    WHERE o.id = of_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR SHARE;
  ELSE
    PERFORM FROM organization o
    WHERE o.id = of_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR UPDATE;
  END IF;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF asked_workspace IS NOT NULL THEN
    IF lock = 'SHARE' THEN
      PERFORM FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL FOR SHARE;
    ELSE
      PERFORM FROM workspace w WHERE w.id = asked_workspace AND w.deleted_at IS NULL FOR NO KEY UPDATE;
    END IF;
    IF NOT FOUND THEN RETURN NULL; END IF;
  END IF;
  RETURN of_organization;
END $$;

-- Locks a scope, and tells whether what was looked at before still holds. Whatever changes in an organization is told in its log in
-- the same transaction (E1): what was read together with a number of the log holds for as long as that is the last one. The person
-- who decides has a log of their own, so that they are looked at. One statement enters the scopes of many requests: none of them
-- waits for somebody who has locked its scope, nor at any other lock for longer than a tenth of a second.
CREATE FUNCTION enter_unchanged(
  lock text, asked_organization uuid, asked_workspace uuid, person uuid, had_role platform_role, sequence bigint
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM set_config('lock_timeout', '100ms', true);
  IF lock = 'SHARE' OR asked_workspace IS NOT NULL THEN
    PERFORM FROM organization o
    WHERE o.id = asked_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR SHARE SKIP LOCKED;
  ELSE
    PERFORM FROM organization o
    WHERE o.id = asked_organization AND o.purge_started_at IS NULL AND o.deleted_at IS NULL FOR UPDATE SKIP LOCKED;
  END IF;
  IF NOT FOUND THEN RETURN false; END IF;
  IF asked_workspace IS NOT NULL THEN
    PERFORM FROM workspace w
    WHERE w.id = asked_workspace AND w.organization_id = asked_organization AND w.deleted_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
  END IF;
  RETURN coalesce((SELECT s.last_sequence FROM event_stream s WHERE s.id = asked_organization), 0) = sequence
    AND EXISTS (SELECT FROM "user" u WHERE u.id = person AND u.platform_role = had_role AND u.suspended_at IS NULL);
END $$;

-- Undoes a statement that has written only a part of what was decided: somebody else was faster, and it is decided anew.
CREATE FUNCTION undo_write() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RAISE EXCEPTION 'somebody else was faster' USING ERRCODE = 'serialization_failure';
END $$;

-- Where a person stands in an organization or in one of its workspaces; null where the scope is absent or deleted.
CREATE FUNCTION look_scope(person uuid, asked_organization uuid, asked_workspace uuid) RETURNS json LANGUAGE sql STABLE AS $$
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
$$;

CREATE FUNCTION enter_scope(lock text, person uuid, asked_organization uuid, asked_workspace uuid) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF lock_scope(lock, asked_organization, asked_workspace) IS NULL THEN RETURN NULL; END IF;
  RETURN look_scope(person, asked_organization, asked_workspace);
END $$;

-- look_scope for whoever changes the role of somebody: the roles that there are, what the other person holds now, and whether the
-- first one knows them. Where an array stands in a condition as what is looked for, PostgreSQL expects another number of
-- organizations each time, and plans anew: array_position keeps the plan.
CREATE FUNCTION look_members(person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[])
RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'entered', s.entered,
    'roles', (SELECT coalesce(json_agg(role_json(r) ORDER BY r.created_at, r.id), '[]'::json) FROM role r
              WHERE r.organization_id = s.organization_id
                AND r.scope = CASE WHEN asked_workspace IS NULL THEN 'ORGANIZATION' ELSE 'WORKSPACE' END::scope_kind),
    'membership', membership_json(s.organization_id, about),
    'grant', grant_json(asked_workspace, about),
    'isKnown', CASE WHEN known_from IS NULL THEN EXISTS (SELECT FROM "user" u WHERE u.id = about)
                    ELSE EXISTS (SELECT FROM organization_member m WHERE m.user_id = about AND (
                      m.organization_id = s.organization_id
                      OR array_position(known_from, m.organization_id) IS NOT NULL)) END)
  FROM (SELECT e.entered, (e.entered ->> 'organizationId')::uuid AS organization_id
        FROM (SELECT look_scope(person, asked_organization, asked_workspace) AS entered OFFSET 0) e) s
  WHERE s.organization_id IS NOT NULL
$$;

CREATE FUNCTION enter_members(person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[])
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF lock_scope('UPDATE', asked_organization, asked_workspace) IS NULL THEN RETURN NULL; END IF;
  RETURN look_members(person, asked_organization, asked_workspace, about, known_from);
END $$;

-- look_scope for whoever accepts an invite: where its inviter stands, the invite, what the guest holds already, and what they hold
-- in the organization as long as nobody gives them more. Null for a token that leads to no invite; the scope is null where it was
-- deleted.
CREATE FUNCTION look_invite(secret_hash text, guest uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'entered', look_scope(i.invited_by_id, i.organization_id, i.workspace_id),
    'organization', json_build_object('settings', o.settings),
    'plainRole', (SELECT role_json(r) FROM role r
                  WHERE r.organization_id = o.id AND r.scope = 'ORGANIZATION' AND r.key = 'MEMBER'),
    'invite', json_build_object('id', i.id, 'organizationId', i.organization_id, 'workspaceId', i.workspace_id,
                                'email', i.email, 'state', i.state, 'acceptedById', i.accepted_by_id,
                                'tokenHash', i.token_hash, 'expiresAt', i.expires_at,
                                'role', (SELECT role_json(r) FROM role r WHERE r.id = i.role_id)),
    'membership', membership_json(i.organization_id, guest),
    'grant', grant_json(i.workspace_id, guest))
  FROM invite i JOIN organization o ON o.id = i.organization_id AND o.deleted_at IS NULL
  WHERE i.token_hash = secret_hash
$$;

-- Where an invite leads to never changes: it is what is locked. Whatever else becomes of it is seen behind the lock.
CREATE FUNCTION enter_invite(secret_hash text, guest uuid) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_scope('UPDATE', i.organization_id, i.workspace_id) FROM invite i WHERE i.token_hash = secret_hash;
  RETURN look_invite(secret_hash, guest);
END $$;
