-- CreateEnum
CREATE TYPE "operation_kind" AS ENUM ('PROVISION');

-- CreateEnum
CREATE TYPE "operation_state" AS ENUM ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "operation_mode" AS ENUM ('ATOMIC', 'BEST_EFFORT');

-- CreateEnum
CREATE TYPE "operation_action" AS ENUM ('CREATE', 'UPDATE', 'UNCHANGED', 'REFUSED');

-- CreateTable
CREATE TABLE "operation" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" "operation_kind" NOT NULL,
    "mode" "operation_mode" NOT NULL,
    "state" "operation_state" NOT NULL DEFAULT 'PENDING',
    "validate_only" BOOLEAN NOT NULL,
    "requested_by_id" UUID,
    "delegated" BOOLEAN NOT NULL DEFAULT false,
    "access_token_id" UUID,
    "request" TEXT,
    "input" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "planned" JSONB NOT NULL,
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "next_position" INTEGER NOT NULL DEFAULT 0,
    "mailed_through" TEXT NOT NULL DEFAULT '',
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operation_item" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "desired" JSONB NOT NULL,
    "planned" "operation_action" NOT NULL,
    "action" "operation_action" NOT NULL,
    "changes" JSONB NOT NULL DEFAULT '{}',
    "error" JSONB,
    "moved" BOOLEAN NOT NULL DEFAULT false,
    "made" JSONB,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "operation_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "user_id" UUID NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("user_id","mutation","key")
);

-- CreateIndex
CREATE INDEX "operation_organization_id_created_at_id_idx" ON "operation"("organization_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "operation_requested_by_id_idx" ON "operation"("requested_by_id");

-- CreateIndex
CREATE INDEX "operation_access_token_id_idx" ON "operation"("access_token_id");

-- CreateIndex
CREATE INDEX "operation_state_updated_at_idx" ON "operation"("state", "updated_at");

-- CreateIndex
CREATE UNIQUE INDEX "operation_organization_id_id_key" ON "operation"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "operation_item_organization_id_operation_id_position_key" ON "operation_item"("organization_id", "operation_id", "position");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- AddForeignKey
ALTER TABLE "operation" ADD CONSTRAINT "operation_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation" ADD CONSTRAINT "operation_requested_by_id_fkey" FOREIGN KEY ("requested_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation" ADD CONSTRAINT "operation_access_token_id_fkey" FOREIGN KEY ("access_token_id") REFERENCES "access_token"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation_item" ADD CONSTRAINT "operation_item_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operation_item" ADD CONSTRAINT "operation_item_organization_id_operation_id_fkey" FOREIGN KEY ("organization_id", "operation_id") REFERENCES "operation"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "idempotency_key" ADD CONSTRAINT "idempotency_key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Counts stay within the whole, whoever writes them.
ALTER TABLE operation ADD CONSTRAINT operation_counts
  CHECK (done >= 0 AND failed >= 0 AND done + failed <= total AND next_position BETWEEN 0 AND total);
ALTER TABLE operation ADD CONSTRAINT operation_finished
  CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL));
ALTER TABLE operation_item ADD CONSTRAINT operation_item_refused CHECK ((action = 'REFUSED') = (error IS NOT NULL));

-- What has ended stays ended: neither a late batch nor a second cancellation changes how.
CREATE FUNCTION refuse_operation_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an operation that has ended stays as it ended'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'operation_ended';
END $$;
CREATE TRIGGER operation_ended BEFORE UPDATE ON operation
  FOR EACH ROW WHEN (old.finished_at IS NOT NULL AND
    (old.state, old.done, old.failed, old.next_position, old.finished_at)
    IS DISTINCT FROM (new.state, new.done, new.failed, new.next_position, new.finished_at))
  EXECUTE FUNCTION refuse_operation_revival();

-- Whoever watches an operation is woken with the commit that changes it, in every process.
CREATE FUNCTION notify_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('operation', new.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER operation_changed AFTER UPDATE ON operation FOR EACH ROW EXECUTE FUNCTION notify_operation();
