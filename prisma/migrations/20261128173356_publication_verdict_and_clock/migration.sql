-- AlterTable
ALTER TABLE "battles" ADD COLUMN     "text_admitted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "server_samples" ADD COLUMN     "clock_ms" DOUBLE PRECISION;
