-- CreateEnum
CREATE TYPE "voter_kind" AS ENUM ('human', 'judge');

-- CreateTable
CREATE TABLE "vote_sources" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "voter_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vote_sources_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "external_votes" (
    "id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "board" TEXT NOT NULL,
    "voter_kind" "voter_kind" NOT NULL,
    "model_a_id" UUID NOT NULL,
    "model_b_id" UUID NOT NULL,
    "outcome" "outcome" NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "voter" UUID,
    "turn_count" INTEGER,
    "language" TEXT,
    "cast_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_votes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vote_chain" (
    "seq" BIGINT NOT NULL,
    "vote_id" UUID NOT NULL,
    "salt" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "vote_chain_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "vote_chain_queue" (
    "id" BIGSERIAL NOT NULL,
    "vote_id" UUID NOT NULL,

    CONSTRAINT "vote_chain_queue_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "vote_sources_name_key" ON "vote_sources"("name");

-- CreateIndex
CREATE UNIQUE INDEX "external_votes_source_id_external_id_key" ON "external_votes"("source_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "vote_chain_vote_id_key" ON "vote_chain"("vote_id");

-- What schema.prisma cannot say.
ALTER TABLE "external_votes"
    ADD CONSTRAINT "external_votes_two_models_check" CHECK ("model_a_id" <> "model_b_id"),
    ADD CONSTRAINT "external_votes_counts_check" CHECK ("count" >= 1 AND "turn_count" >= 1);

ALTER TABLE "vote_chain"
    ADD CONSTRAINT "vote_chain_seq_check" CHECK ("seq" >= 1),
    ADD CONSTRAINT "vote_chain_hash_check" CHECK (length("hash") = 32 AND length("salt") = 16);

-- A vote asks for its place in the chain in its own transaction, and waits for nobody: places are given out later.
CREATE FUNCTION queue_votes_for_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO vote_chain_queue (vote_id) SELECT id FROM new_votes;
    RETURN NULL;
END;
$$;

CREATE TRIGGER votes_queue_for_chain AFTER INSERT ON "votes"
    REFERENCING NEW TABLE AS new_votes FOR EACH STATEMENT EXECUTE FUNCTION queue_votes_for_chain();

CREATE TRIGGER external_votes_queue_for_chain AFTER INSERT ON "external_votes"
    REFERENCING NEW TABLE AS new_votes FOR EACH STATEMENT EXECUTE FUNCTION queue_votes_for_chain();

-- Votes from before the chain.
INSERT INTO vote_chain_queue (vote_id) SELECT id FROM votes ORDER BY created_at, id;
