-- CreateEnum
CREATE TYPE "limit_window" AS ENUM ('minute', 'day');

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "join_token_id" UUID;

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "owner_id" UUID,
    "owner_label" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "pools" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "endpoints" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "allow_experimental" BOOLEAN NOT NULL DEFAULT false,
    "requests_per_minute" INTEGER,
    "tokens_per_minute" INTEGER,
    "requests_per_day" INTEGER,
    "tokens_per_day" INTEGER,
    "max_concurrent" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key_counters" (
    "key_id" UUID NOT NULL,
    "window" "limit_window" NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "tokens" BIGINT NOT NULL,

    CONSTRAINT "api_key_counters_pkey" PRIMARY KEY ("key_id","window","starts_at")
);

-- CreateTable
CREATE TABLE "api_key_in_flight" (
    "key_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "in_flight" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_key_in_flight_pkey" PRIMARY KEY ("key_id","server_id")
);

-- CreateTable
CREATE TABLE "usage_records" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "caller" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "prompt_tokens" INTEGER,
    "cached_tokens" INTEGER,
    "completion_tokens" INTEGER,
    "queue_wait_ms" DOUBLE PRECISION,
    "first_byte_ms" DOUBLE PRECISION,
    "total_ms" DOUBLE PRECISION,
    "worker_id" UUID,
    "request_id" TEXT NOT NULL,

    CONSTRAINT "usage_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_days" (
    "day" DATE NOT NULL,
    "caller" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "cached_tokens" BIGINT NOT NULL,
    "completion_tokens" BIGINT NOT NULL,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("caller","day","model","endpoint")
);

-- CreateTable
CREATE TABLE "join_tokens" (
    "id" UUID NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "name" TEXT NOT NULL,
    "models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "pool" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "join_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_prefix_key" ON "api_keys"("prefix");

-- CreateIndex
CREATE INDEX "api_keys_owner_label_idx" ON "api_keys"("owner_label");

-- CreateIndex
CREATE INDEX "api_key_counters_starts_at_idx" ON "api_key_counters"("starts_at");

-- CreateIndex
CREATE INDEX "usage_records_caller_at_idx" ON "usage_records"("caller", "at");

-- CreateIndex
CREATE INDEX "usage_days_day_idx" ON "usage_days"("day");

-- CreateIndex
CREATE UNIQUE INDEX "join_tokens_prefix_key" ON "join_tokens"("prefix");
