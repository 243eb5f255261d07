-- CreateEnum
CREATE TYPE "worker_order" AS ENUM ('serving', 'draining', 'ejected', 'restarting');

-- AlterTable
ALTER TABLE "models" ADD COLUMN     "default_parameters" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "sampling_weight" DOUBLE PRECISION NOT NULL DEFAULT 1,
ADD COLUMN     "system_prompt" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "order" "worker_order" NOT NULL DEFAULT 'serving',
ADD COLUMN     "ordered_at" TIMESTAMPTZ(3),
ADD COLUMN     "ordered_by" TEXT;

-- CreateTable
CREATE TABLE "model_changes" (
    "id" SERIAL NOT NULL,
    "model_id" UUID NOT NULL,
    "before" JSONB NOT NULL,
    "after" JSONB NOT NULL,
    "changed_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "server_samples" (
    "server_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "waiting" INTEGER NOT NULL,
    "running" INTEGER NOT NULL,
    "answered" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,

    CONSTRAINT "server_samples_pkey" PRIMARY KEY ("server_id","at")
);

-- CreateIndex
CREATE INDEX "model_changes_model_id_id_idx" ON "model_changes"("model_id", "id" DESC);

-- CreateIndex
CREATE INDEX "server_samples_at_idx" ON "server_samples"("at");

-- AddForeignKey
ALTER TABLE "model_changes" ADD CONSTRAINT "model_changes_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "models" ADD CONSTRAINT "models_sampling_weight_check" CHECK ("sampling_weight" >= 0 AND "sampling_weight" <= 100);

-- An order has to reach every server as it is given: the next reading of the registry may be seconds away.
CREATE TRIGGER "workers_notify_order" AFTER UPDATE OF "order" ON "workers"
  FOR EACH ROW
  WHEN (OLD."order" IS DISTINCT FROM NEW."order")
  EXECUTE FUNCTION "notify_worker_changed"();
