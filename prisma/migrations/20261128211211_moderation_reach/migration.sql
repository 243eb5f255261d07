-- AlterEnum
ALTER TYPE "flag_status" ADD VALUE 'gone';

-- AlterTable
ALTER TABLE "battles" ADD COLUMN     "text_barred_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "moderation_results" ADD COLUMN     "about" TEXT,
ADD COLUMN     "visitor_id" UUID;

-- CreateIndex
CREATE INDEX "moderation_results_visitor_id_id_idx" ON "moderation_results"("visitor_id", "id" DESC);
