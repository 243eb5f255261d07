-- CreateEnum
CREATE TYPE "moderation_surface" AS ENUM ('battle_prompt', 'chat_prompt', 'answer', 'publication');

-- CreateEnum
CREATE TYPE "moderation_outcome" AS ENUM ('passed', 'flagged', 'refused', 'failed');

-- CreateEnum
CREATE TYPE "flagged_kind" AS ENUM ('response', 'message');

-- CreateEnum
CREATE TYPE "flag_status" AS ENUM ('open', 'dismissed', 'resolved');

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "hidden_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "models" DROP COLUMN "sampling_weight";

-- AlterTable
ALTER TABLE "responses" ADD COLUMN     "hidden_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "visitors" ADD COLUMN     "disabled_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "moderation_results" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "surface" "moderation_surface" NOT NULL,
    "subject_id" UUID,
    "moderator" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "outcome" "moderation_outcome" NOT NULL,
    "category" TEXT,
    "score" DOUBLE PRECISION,
    "duration_ms" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "moderation_results_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "moderation_flags" (
    "id" UUID NOT NULL,
    "subject_kind" "flagged_kind" NOT NULL,
    "subject_id" UUID NOT NULL,
    "visitor_id" UUID,
    "reason" TEXT NOT NULL,
    "comment" TEXT NOT NULL DEFAULT '',
    "score" DOUBLE PRECISION,
    "status" "flag_status" NOT NULL DEFAULT 'open',
    "resolved_by" TEXT,
    "resolved_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "moderation_flags_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "moderation_results_subject_id_idx" ON "moderation_results"("subject_id");

-- CreateIndex
CREATE INDEX "moderation_flags_status_id_idx" ON "moderation_flags"("status", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "moderation_flags_subject_id_visitor_id_key" ON "moderation_flags"("subject_id", "visitor_id");
