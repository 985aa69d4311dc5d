-- The rules about the last owner and the last administrator wait on a lock, then count. With a snapshot from before the
-- lock they would count what another transaction has taken away meanwhile: two owners that leave at REPEATABLE READ
-- would both be let go. So these changes are for READ COMMITTED, where each statement sees what is true now.

CREATE FUNCTION refuse_old_snapshot() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'owners and administrators can be changed at READ COMMITTED only'
      USING ERRCODE = 'invalid_transaction_state',
            DETAIL = 'A transaction with an older snapshot can not count those that are left.';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION refuse_ownerless_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- While an organization is purged its members go in batches, the last owner among them.
  PERFORM FROM organization WHERE id = old.organization_id AND purge_started_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM refuse_old_snapshot();
  IF NOT EXISTS (
    SELECT FROM organization_member m JOIN role r ON r.id = m.role_id
    WHERE m.organization_id = old.organization_id AND r.level = 'OWNER'
  ) THEN
    RAISE EXCEPTION 'organization % would have no owner', old.organization_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'organization_last_owner';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refuse_platform_without_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('atrium:platform-admin'));
  PERFORM refuse_old_snapshot();
  IF NOT EXISTS (SELECT FROM "user" WHERE platform_role = 'ADMIN' AND suspended_at IS NULL) THEN
    RAISE EXCEPTION 'the platform would have no active administrator'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'platform_last_admin';
  END IF;
  RETURN NULL;
END $$;
