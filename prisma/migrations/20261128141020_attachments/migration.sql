-- CreateTable
CREATE TABLE "attachments" (
    "id" UUID NOT NULL,
    "visitor_id" UUID NOT NULL,
    "content_type" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "turn_images" (
    "turn_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "attachment_id" UUID NOT NULL,

    CONSTRAINT "turn_images_pkey" PRIMARY KEY ("turn_id","position")
);

-- CreateTable
CREATE TABLE "message_images" (
    "message_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "attachment_id" UUID NOT NULL,

    CONSTRAINT "message_images_pkey" PRIMARY KEY ("message_id","position")
);

-- CreateIndex
CREATE INDEX "attachments_visitor_id_idx" ON "attachments"("visitor_id");

-- CreateIndex
CREATE INDEX "attachments_created_at_idx" ON "attachments"("created_at");

-- CreateIndex
CREATE INDEX "turn_images_attachment_id_idx" ON "turn_images"("attachment_id");

-- CreateIndex
CREATE INDEX "message_images_attachment_id_idx" ON "message_images"("attachment_id");

-- AddForeignKey
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "visitors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turn_images" ADD CONSTRAINT "turn_images_turn_id_fkey" FOREIGN KEY ("turn_id") REFERENCES "turns"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turn_images" ADD CONSTRAINT "turn_images_attachment_id_fkey" FOREIGN KEY ("attachment_id") REFERENCES "attachments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message_images" ADD CONSTRAINT "message_images_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message_images" ADD CONSTRAINT "message_images_attachment_id_fkey" FOREIGN KEY ("attachment_id") REFERENCES "attachments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
