-- What a person holds in an organization, and in one of its workspaces.
CREATE FUNCTION membership_json(of_organization uuid, person uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', m.id, 'role', role_json(r))
  FROM organization_member m JOIN role r ON r.id = m.role_id
  WHERE m.organization_id = of_organization AND m.user_id = person
$$;
CREATE FUNCTION grant_json(of_workspace uuid, person uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', g.id, 'role', role_json(r))
  FROM workspace_member g JOIN role r ON r.id = g.role_id
  WHERE g.workspace_id = of_workspace AND g.user_id = person
$$;

-- As before, with a plan that is kept: where an array stands in a condition as what is looked for, PostgreSQL expects another
-- number of organizations each time, and plans anew.
CREATE OR REPLACE FUNCTION enter_members(person uuid, asked_organization uuid, asked_workspace uuid, about uuid, known_from uuid[])
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  entered json := enter_scope(person, asked_organization, asked_workspace, false);
  of_organization uuid := entered ->> 'organizationId';
  of_scope scope_kind := CASE WHEN asked_workspace IS NULL THEN 'ORGANIZATION' ELSE 'WORKSPACE' END;
BEGIN
  IF entered IS NULL THEN RETURN NULL; END IF;
  RETURN (
    SELECT json_build_object(
      'entered', entered,
      'roles', (SELECT coalesce(json_agg(role_json(r) ORDER BY r.created_at), '[]'::json) FROM role r
                WHERE r.organization_id = of_organization AND r.scope = of_scope),
      'membership', membership_json(of_organization, about),
      'grant', grant_json(asked_workspace, about),
      'isKnown', CASE WHEN known_from IS NULL THEN EXISTS (SELECT FROM "user" u WHERE u.id = about)
                      ELSE EXISTS (SELECT FROM organization_member m WHERE m.user_id = about AND (
                        m.organization_id = of_organization
                        OR array_position(known_from, m.organization_id) IS NOT NULL)) END));
END $$;

-- enter_scope for whoever accepts an invite: where its inviter stands now, the invite, and what the guest holds already. It is
-- found by the hash of its token here and not before, which is a look less.
DROP FUNCTION enter_invite(uuid, uuid);
CREATE FUNCTION enter_invite(secret_hash text, guest uuid) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  offer invite;
  invite_id uuid;
  inviter uuid;
  entered json;
BEGIN
  SELECT i.* INTO offer FROM invite i JOIN organization o ON o.id = i.organization_id AND o.deleted_at IS NULL
  WHERE i.token_hash = secret_hash;
  IF NOT FOUND THEN RETURN NULL; END IF;
  invite_id := offer.id;
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
      'invite', json_build_object('id', offer.id, 'organizationId', offer.organization_id, 'workspaceId', offer.workspace_id,
                                  'email', offer.email, 'state', offer.state, 'acceptedById', offer.accepted_by_id,
                                  'tokenHash', offer.token_hash, 'expiresAt', offer.expires_at,
                                  'role', (SELECT role_json(r) FROM role r WHERE r.id = offer.role_id)),
      'membership', membership_json(offer.organization_id, guest),
      'grant', grant_json(offer.workspace_id, guest)));
END $$;
