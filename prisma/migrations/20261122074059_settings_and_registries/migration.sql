-- CreateEnum
CREATE TYPE "theme" AS ENUM ('LIGHT', 'DARK', 'SYSTEM');

-- CreateEnum
CREATE TYPE "week_start" AS ENUM ('MONDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY');

-- CreateTable
CREATE TABLE "capability" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT,
    "description" TEXT NOT NULL DEFAULT '',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "registered_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "capability_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_subscription" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "types" TEXT[],
    "description" TEXT NOT NULL DEFAULT '',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "sealed_secret" TEXT NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "extension_installation" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "version" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "config" JSONB NOT NULL DEFAULT '{}',
    "installed_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "extension_installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_preferences" (
    "workspace_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "locale" TEXT,
    "time_zone" TEXT,
    "theme" "theme",
    "week_start" "week_start",
    "landing_page" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workspace_preferences_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "viewer_preferences" (
    "workspace_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "locale" TEXT,
    "time_zone" TEXT,
    "theme" "theme",
    "week_start" "week_start",
    "landing_page" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "viewer_preferences_pkey" PRIMARY KEY ("workspace_id","user_id")
);

-- CreateTable
CREATE TABLE "integration_secret" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workspace_id" UUID,
    "integration" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "integration_secret_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "capability_organization_id_workspace_id_created_at_id_idx" ON "capability"("organization_id", "workspace_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "capability_registered_by_id_idx" ON "capability"("registered_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "capability_workspace_id_name_key" ON "capability"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "event_subscription_organization_id_workspace_id_created_at__idx" ON "event_subscription"("organization_id", "workspace_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "event_subscription_created_by_id_idx" ON "event_subscription"("created_by_id");

-- CreateIndex
CREATE INDEX "extension_installation_organization_id_workspace_id_created_idx" ON "extension_installation"("organization_id", "workspace_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "extension_installation_installed_by_id_idx" ON "extension_installation"("installed_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "extension_installation_workspace_id_key_key" ON "extension_installation"("workspace_id", "key");

-- CreateIndex
CREATE UNIQUE INDEX "workspace_preferences_organization_id_workspace_id_key" ON "workspace_preferences"("organization_id", "workspace_id");

-- CreateIndex
CREATE INDEX "viewer_preferences_organization_id_workspace_id_idx" ON "viewer_preferences"("organization_id", "workspace_id");

-- CreateIndex
CREATE INDEX "viewer_preferences_organization_id_user_id_idx" ON "viewer_preferences"("organization_id", "user_id");

-- CreateIndex
CREATE INDEX "integration_secret_organization_id_workspace_id_idx" ON "integration_secret"("organization_id", "workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "integration_secret_workspace_id_integration_key_key" ON "integration_secret"("workspace_id", "integration", "key");

-- AddForeignKey
ALTER TABLE "capability" ADD CONSTRAINT "capability_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "capability" ADD CONSTRAINT "capability_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "capability" ADD CONSTRAINT "capability_registered_by_id_fkey" FOREIGN KEY ("registered_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_subscription" ADD CONSTRAINT "event_subscription_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_subscription" ADD CONSTRAINT "event_subscription_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_subscription" ADD CONSTRAINT "event_subscription_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "extension_installation" ADD CONSTRAINT "extension_installation_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "extension_installation" ADD CONSTRAINT "extension_installation_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "extension_installation" ADD CONSTRAINT "extension_installation_installed_by_id_fkey" FOREIGN KEY ("installed_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workspace_preferences" ADD CONSTRAINT "workspace_preferences_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workspace_preferences" ADD CONSTRAINT "workspace_preferences_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "viewer_preferences" ADD CONSTRAINT "viewer_preferences_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "viewer_preferences" ADD CONSTRAINT "viewer_preferences_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "viewer_preferences" ADD CONSTRAINT "viewer_preferences_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "organization_member"("organization_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration_secret" ADD CONSTRAINT "integration_secret_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration_secret" ADD CONSTRAINT "integration_secret_organization_id_workspace_id_fkey" FOREIGN KEY ("organization_id", "workspace_id") REFERENCES "workspace"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema can not say.

-- An organization's own secret has no workspace, and is there once all the same.
CREATE UNIQUE INDEX integration_secret_of_organization ON integration_secret (organization_id, integration, key)
  WHERE workspace_id IS NULL;

-- An override of preferences lives as long as its person is a member of the workspace: the foreign key takes it with the
-- membership of the organization, this trigger when only the way into the workspace is lost.
CREATE FUNCTION drop_preferences_of_nonmember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM viewer_preferences p
  WHERE p.organization_id = old.organization_id AND p.user_id = old.user_id
    AND NOT EXISTS (SELECT FROM member m WHERE m.workspace_id = p.workspace_id AND m.user_id = p.user_id);
  RETURN NULL;
END $$;
CREATE TRIGGER viewer_preferences_grant_removed AFTER DELETE ON workspace_member
  FOR EACH ROW EXECUTE FUNCTION drop_preferences_of_nonmember();
CREATE TRIGGER viewer_preferences_role_changed AFTER UPDATE OF role_id ON organization_member
  FOR EACH ROW WHEN (old.role_id <> new.role_id) EXECUTE FUNCTION drop_preferences_of_nonmember();
