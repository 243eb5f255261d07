-- CreateEnum
CREATE TYPE "release_job_state" AS ENUM ('running', 'done', 'cancelled', 'failed');

-- CreateTable
CREATE TABLE "release_jobs" (
    "id" UUID NOT NULL,
    "release" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "state" "release_job_state" NOT NULL DEFAULT 'running',
    "started_by" TEXT NOT NULL,
    "started_by_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "renewed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "cancelled_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "error_code" TEXT,
    "error" TEXT,

    CONSTRAINT "release_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "release_jobs_started_at_idx" ON "release_jobs"("started_at" DESC);

-- One at a time, whichever server is asked.
CREATE UNIQUE INDEX "release_jobs_one_running" ON "release_jobs" ((true)) WHERE "state" = 'running';
