-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "tokens_used" INTEGER;

-- AlterTable
ALTER TABLE "responses" ADD COLUMN     "tokens_used" INTEGER;

-- AlterTable
ALTER TABLE "server_samples" ADD COLUMN     "is_proxy_unnamed" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "vote_check_queue" ADD COLUMN     "failed_at" TIMESTAMPTZ(3),
ADD COLUMN     "failure" TEXT;
