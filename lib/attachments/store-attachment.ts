import { v7 as uuidv7 } from "uuid";
import { requireNotStopped } from "@/lib/accounts";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type ImageView, imageLimits } from "@/lib/protocol";
import { cleanImage } from "./clean-image";

/** Images that a visitor may have uploaded without sending them. */
const maxUnsent = 24;

/**
 * Stores an image for a prompt that will name it. Errors: `unsupported_image`, `image_too_large`; `visitor_stopped`; `rate_limited` where many
 * were uploaded and none was sent.
 */
export async function storeAttachment(db: Database, visitorId: string, file: Buffer): Promise<ImageView> {
  const { contentType, width, height, bytes } = cleanImage(file);
  if (bytes.length > imageLimits.maxBytes) throw new AppError("image_too_large");
  await requireNotStopped(db, visitorId);
  const unsent = await db.attachment.count({
    where: { visitorId, turns: { none: {} }, messages: { none: {} } },
  });
  if (unsent >= maxUnsent) throw new AppError("rate_limited", { details: { retryAfterSeconds: 600 } });
  const id = uuidv7();
  const data = {
    id,
    visitorId,
    contentType,
    width,
    height,
    size: bytes.length,
    bytes: new Uint8Array(bytes),
  };
  await db.$transaction([
    db.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} }),
    db.attachment.create({ data, select: { id: true } }),
  ]);
  return { id, width, height };
}
