-- CreateEnum
CREATE TYPE "battle_kind" AS ENUM ('blind', 'compare');

-- AlterTable
ALTER TABLE "battles" ADD COLUMN     "kind" "battle_kind" NOT NULL DEFAULT 'blind',
ADD COLUMN     "text_deleted_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "vote_reasons" (
    "vote_id" UUID NOT NULL,
    "reasons" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "comment" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "vote_reasons_pkey" PRIMARY KEY ("vote_id")
);

-- CreateIndex
CREATE INDEX "battles_visitor_id_id_idx" ON "battles"("visitor_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "vote_reasons" ADD CONSTRAINT "vote_reasons_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
