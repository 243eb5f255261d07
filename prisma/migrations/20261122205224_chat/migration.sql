-- CreateEnum
CREATE TYPE "message_role" AS ENUM ('user', 'assistant');

-- CreateEnum
CREATE TYPE "message_feedback" AS ENUM ('up', 'down');

-- CreateTable
CREATE TABLE "conversations" (
    "id" UUID NOT NULL,
    "visitor_id" UUID NOT NULL,
    "idempotency_key" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "model_id" UUID NOT NULL,
    "system_prompt" TEXT NOT NULL DEFAULT '',
    "parameters" JSONB NOT NULL DEFAULT '{}',
    "leaf_id" UUID,
    "pinned_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "parent_id" UUID,
    "ordinal" INTEGER NOT NULL,
    "role" "message_role" NOT NULL,
    "text" TEXT NOT NULL DEFAULT '',
    "idempotency_key" UUID,
    "status" "response_status" NOT NULL DEFAULT 'finished',
    "model_id" UUID,
    "request" JSONB,
    "finish_reason" TEXT,
    "error_code" TEXT,
    "error_param" TEXT,
    "worker_id" UUID,
    "prompt_tokens" INTEGER,
    "completion_tokens" INTEGER,
    "first_token_ms" DOUBLE PRECISION,
    "total_ms" DOUBLE PRECISION,
    "feedback" "message_feedback",
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "conversations_visitor_id_updated_at_id_idx" ON "conversations"("visitor_id", "updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_deleted_at_idx" ON "conversations"("deleted_at");

-- CreateIndex
CREATE UNIQUE INDEX "conversations_visitor_id_idempotency_key_key" ON "conversations"("visitor_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "messages_parent_id_idx" ON "messages"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_ordinal_key" ON "messages"("conversation_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_idempotency_key_key" ON "messages"("conversation_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;
