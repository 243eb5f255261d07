-- CreateEnum
CREATE TYPE "consent_kind" AS ENUM ('privacy', 'publication');

-- CreateTable
CREATE TABLE "consents" (
    "id" BIGSERIAL NOT NULL,
    "visitor_id" UUID NOT NULL,
    "kind" "consent_kind" NOT NULL,
    "battle_id" UUID,
    "is_given" BOOLEAN NOT NULL,
    "hides_finds" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shares" (
    "id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "visitor_id" UUID NOT NULL,
    "battle_id" UUID,
    "conversation_id" UUID,
    "content" JSONB,
    "hidden_finds" INTEGER NOT NULL DEFAULT 0,
    "kept_finds" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "shares_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "consents_battle_id_id_idx" ON "consents"("battle_id", "id" DESC);

-- CreateIndex
CREATE INDEX "consents_visitor_id_idx" ON "consents"("visitor_id");

-- CreateIndex
CREATE UNIQUE INDEX "shares_token_key" ON "shares"("token");

-- CreateIndex
CREATE INDEX "shares_visitor_id_id_idx" ON "shares"("visitor_id", "id" DESC);

-- CreateIndex
CREATE INDEX "shares_conversation_id_idx" ON "shares"("conversation_id");

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "battles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shares" ADD CONSTRAINT "shares_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shares" ADD CONSTRAINT "shares_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "battles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shares" ADD CONSTRAINT "shares_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Once for each visitor and wording.
CREATE UNIQUE INDEX "consents_privacy_key" ON "consents"("visitor_id", "version") WHERE "kind" = 'privacy';
ALTER TABLE "consents" ADD CONSTRAINT "consents_of" CHECK (("kind" = 'privacy') = ("battle_id" IS NULL));

-- What was agreed to stays on record. Only whose it is may change, when a visitor's data moves into an account.
CREATE FUNCTION "keep_consents"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND
     (NEW."id", NEW."kind", NEW."is_given", NEW."hides_finds", NEW."version", NEW."created_at")
       = (OLD."id", OLD."kind", OLD."is_given", OLD."hides_finds", OLD."version", OLD."created_at")
     AND NEW."battle_id" IS NOT DISTINCT FROM OLD."battle_id" THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'consents are append-only';
END
$$;

CREATE TRIGGER "consents_keep" BEFORE UPDATE OR DELETE ON "consents"
  FOR EACH ROW EXECUTE FUNCTION "keep_consents"();

-- One address at a time, and nothing shown under one that was taken back.
CREATE UNIQUE INDEX "shares_live_battle_key" ON "shares"("battle_id") WHERE "revoked_at" IS NULL;
CREATE UNIQUE INDEX "shares_live_conversation_key" ON "shares"("conversation_id") WHERE "revoked_at" IS NULL;
ALTER TABLE "shares" ADD CONSTRAINT "shares_of_one" CHECK (num_nonnulls("battle_id", "conversation_id") = 1);
ALTER TABLE "shares" ADD CONSTRAINT "shares_emptied" CHECK (("revoked_at" IS NULL) = ("content" IS NOT NULL));
ALTER TABLE "shares" ADD CONSTRAINT "shares_revoked_by" CHECK (("revoked_at" IS NULL) = ("revoked_by" IS NULL));
