-- CreateIndex
CREATE INDEX "user_created_at_id_idx" ON "user"("created_at", "id");
