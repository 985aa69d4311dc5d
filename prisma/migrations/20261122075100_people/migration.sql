-- AlterTable
ALTER TABLE "role" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "invite_quota" (
    "inviter_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "sent" INTEGER NOT NULL,

    CONSTRAINT "invite_quota_pkey" PRIMARY KEY ("inviter_id")
);

-- AddForeignKey
ALTER TABLE "invite_quota" ADD CONSTRAINT "invite_quota_inviter_id_fkey" FOREIGN KEY ("inviter_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What `role:` inputs accept is one role in any case: keys and names are unique without regard to it (lesson 14).
CREATE UNIQUE INDEX role_folded_key_key ON role (organization_id, scope, lower(key));
CREATE UNIQUE INDEX role_folded_name_key ON role (organization_id, scope, lower(name));
