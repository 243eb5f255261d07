-- AlterTable
ALTER TABLE "model_shares" ADD COLUMN     "people" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
-- Unlogged: written every second and worth nothing after three, it is not to burden the log; after a crash it begins empty.
CREATE UNLOGGED TABLE "worker_shares" (
    "worker_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "demand" INTEGER NOT NULL,
    "people" INTEGER NOT NULL,
    "places" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "worker_shares_pkey" PRIMARY KEY ("worker_id","server_id")
);
