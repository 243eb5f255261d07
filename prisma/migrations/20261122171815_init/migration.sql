-- CreateEnum
CREATE TYPE "model_stage" AS ENUM ('public', 'experimental', 'retired');

-- CreateEnum
CREATE TYPE "side" AS ENUM ('a', 'b');

-- CreateEnum
CREATE TYPE "outcome" AS ENUM ('a', 'b', 'tie', 'both_bad');

-- CreateEnum
CREATE TYPE "response_status" AS ENUM ('queued', 'writing', 'finished', 'stopped', 'failed');

-- CreateTable
CREATE TABLE "models" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "organization" TEXT,
    "licence" TEXT,
    "context_length" INTEGER,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "stage" "model_stage" NOT NULL DEFAULT 'public',
    "elo" DOUBLE PRECISION NOT NULL DEFAULT 1000,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "engine" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "models" JSONB NOT NULL,
    "busy_slots" INTEGER NOT NULL DEFAULT 0,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "tokens_per_second" DOUBLE PRECISION,
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "visitors" (
    "id" UUID NOT NULL,
    "vote_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "visitors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "battles" (
    "id" UUID NOT NULL,
    "visitor_id" UUID NOT NULL,
    "idempotency_key" UUID NOT NULL,
    "model_a_id" UUID NOT NULL,
    "model_b_id" UUID NOT NULL,
    "policy_id" TEXT NOT NULL,
    "propensity" DOUBLE PRECISION NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "battles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "turns" (
    "id" UUID NOT NULL,
    "battle_id" UUID NOT NULL,
    "idempotency_key" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "prompt" TEXT NOT NULL,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "turns_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "responses" (
    "id" UUID NOT NULL,
    "turn_id" UUID NOT NULL,
    "side" "side" NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "status" "response_status" NOT NULL DEFAULT 'queued',
    "text" TEXT NOT NULL DEFAULT '',
    "finish_reason" TEXT,
    "error_code" TEXT,
    "worker_id" UUID,
    "prompt_tokens" INTEGER,
    "completion_tokens" INTEGER,
    "first_token_ms" DOUBLE PRECISION,
    "total_ms" DOUBLE PRECISION,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "responses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "votes" (
    "id" UUID NOT NULL,
    "battle_id" UUID NOT NULL,
    "visitor_id" UUID NOT NULL,
    "idempotency_key" UUID NOT NULL,
    "outcome" "outcome" NOT NULL,
    "turn_count" INTEGER NOT NULL,
    "elo_a_before" DOUBLE PRECISION NOT NULL,
    "elo_a_after" DOUBLE PRECISION NOT NULL,
    "elo_b_before" DOUBLE PRECISION NOT NULL,
    "elo_b_after" DOUBLE PRECISION NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "votes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vote_effects" (
    "vote_id" UUID NOT NULL,
    "sides" JSONB NOT NULL,

    CONSTRAINT "vote_effects_pkey" PRIMARY KEY ("vote_id")
);

-- CreateTable
CREATE TABLE "pair_counts" (
    "board" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "low_id" UUID NOT NULL,
    "high_id" UUID NOT NULL,
    "win_low" INTEGER NOT NULL DEFAULT 0,
    "win_high" INTEGER NOT NULL DEFAULT 0,
    "tie" INTEGER NOT NULL DEFAULT 0,
    "both_bad" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pair_counts_pkey" PRIMARY KEY ("board","category","low_id","high_id")
);

-- CreateTable
CREATE TABLE "board_totals" (
    "board" TEXT NOT NULL,
    "votes" INTEGER NOT NULL DEFAULT 0,
    "voters" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "board_totals_pkey" PRIMARY KEY ("board")
);

-- CreateTable
CREATE TABLE "rating_snapshots" (
    "id" UUID NOT NULL,
    "board" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "votes" INTEGER NOT NULL,
    "voters" INTEGER NOT NULL,
    "inputs_hash" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "code_version" TEXT NOT NULL,
    "result" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rating_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "models_name_key" ON "models"("name");

-- CreateIndex
CREATE UNIQUE INDEX "workers_instance_id_key" ON "workers"("instance_id");

-- CreateIndex
CREATE INDEX "workers_left_at_heartbeat_at_idx" ON "workers"("left_at", "heartbeat_at");

-- CreateIndex
CREATE UNIQUE INDEX "battles_visitor_id_idempotency_key_key" ON "battles"("visitor_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "turns_battle_id_ordinal_key" ON "turns"("battle_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "turns_battle_id_idempotency_key_key" ON "turns"("battle_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "responses_status_idx" ON "responses"("status");

-- CreateIndex
CREATE UNIQUE INDEX "responses_turn_id_side_attempt_key" ON "responses"("turn_id", "side", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "votes_battle_id_key" ON "votes"("battle_id");

-- CreateIndex
CREATE INDEX "votes_visitor_id_idx" ON "votes"("visitor_id");

-- CreateIndex
CREATE INDEX "rating_snapshots_board_category_created_at_idx" ON "rating_snapshots"("board", "category", "created_at" DESC);

-- AddForeignKey
ALTER TABLE "battles" ADD CONSTRAINT "battles_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "battles" ADD CONSTRAINT "battles_model_a_id_fkey" FOREIGN KEY ("model_a_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "battles" ADD CONSTRAINT "battles_model_b_id_fkey" FOREIGN KEY ("model_b_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turns" ADD CONSTRAINT "turns_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "battles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "responses" ADD CONSTRAINT "responses_turn_id_fkey" FOREIGN KEY ("turn_id") REFERENCES "turns"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_battle_id_fkey" FOREIGN KEY ("battle_id") REFERENCES "battles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote_effects" ADD CONSTRAINT "vote_effects_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pair_counts" ADD CONSTRAINT "pair_counts_low_id_fkey" FOREIGN KEY ("low_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pair_counts" ADD CONSTRAINT "pair_counts_high_id_fkey" FOREIGN KEY ("high_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What schema.prisma cannot say.
ALTER TABLE "battles"
    ADD CONSTRAINT "battles_two_models_check" CHECK ("model_a_id" <> "model_b_id"),
    ADD CONSTRAINT "battles_propensity_check" CHECK ("propensity" > 0 AND "propensity" <= 1);

ALTER TABLE "pair_counts"
    ADD CONSTRAINT "pair_counts_order_check" CHECK ("low_id" < "high_id"),
    ADD CONSTRAINT "pair_counts_counts_check" CHECK ("win_low" >= 0 AND "win_high" >= 0 AND "tie" >= 0 AND "both_bad" >= 0);

ALTER TABLE "board_totals"
    ADD CONSTRAINT "board_totals_counts_check" CHECK ("votes" >= 0 AND "voters" >= 0);

ALTER TABLE "rating_snapshots"
    ADD CONSTRAINT "rating_snapshots_counts_check" CHECK ("votes" >= 0 AND "voters" >= 0);

ALTER TABLE "visitors"
    ADD CONSTRAINT "visitors_vote_count_check" CHECK ("vote_count" >= 0);

ALTER TABLE "votes"
    ADD CONSTRAINT "votes_turn_count_check" CHECK ("turn_count" >= 1);

ALTER TABLE "turns"
    ADD CONSTRAINT "turns_ordinal_check" CHECK ("ordinal" >= 0);

ALTER TABLE "responses"
    ADD CONSTRAINT "responses_counts_check" CHECK ("attempt" >= 0 AND "prompt_tokens" >= 0 AND "completion_tokens" >= 0);
