-- AlterTable
ALTER TABLE "voter_evidence" ADD COLUMN     "favours" JSONB NOT NULL DEFAULT '{}';
