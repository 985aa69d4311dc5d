-- CreateEnum
CREATE TYPE "resource_kind" AS ENUM ('BUCKET', 'REPOSITORY');

-- AlterTable
ALTER TABLE "organization" ADD COLUMN     "purge_started_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "resource" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "kind" "resource_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "uri" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "resource_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "resource_organization_id_workspace_id_created_at_id_idx" ON "resource"("organization_id", "workspace_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "resource_created_by_id_idx" ON "resource"("created_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_workspace_id_kind_name_key" ON "resource"("workspace_id", "kind", "name");

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A name has the length that the API promises, whoever writes it.
ALTER TABLE resource ADD CONSTRAINT resource_name CHECK (length(name) BETWEEN 1 AND 120);

-- Only what is deleted is purged.
ALTER TABLE organization ADD CONSTRAINT organization_purge_started
  CHECK (purge_started_at IS NULL OR deleted_at IS NOT NULL);

-- What has begun to go for good does not come back: half of its rows may be gone already.
CREATE FUNCTION refuse_return_from_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'organization % is being purged', old.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'organization_purge_final';
END $$;
CREATE TRIGGER organization_purge_final BEFORE UPDATE OF purge_started_at ON organization
  FOR EACH ROW WHEN (old.purge_started_at IS NOT NULL AND new.purge_started_at IS NULL)
  EXECUTE FUNCTION refuse_return_from_purge();

-- The last owner leaves with the organization: while it is purged its members go in batches (M12).
CREATE OR REPLACE FUNCTION refuse_ownerless_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM organization WHERE id = old.organization_id AND purge_started_at IS NULL FOR UPDATE;
  IF FOUND AND NOT EXISTS (
    SELECT FROM organization_member m JOIN role r ON r.id = m.role_id
    WHERE m.organization_id = old.organization_id AND r.level = 'OWNER'
  ) THEN
    RAISE EXCEPTION 'organization % would have no owner', old.organization_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'organization_last_owner';
  END IF;
  RETURN NULL;
END $$;
