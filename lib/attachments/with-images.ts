import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { ChatMessage, ImageView } from "@/lib/protocol";
import { toDataUrl } from "./read-images";

/** A message as a use case knows it: text, and the images that stand before it. */
export type IllustratedMessage = Pick<ChatMessage, "role"> & {
  content: string;
  images: readonly ImageView[];
};

/**
 * The messages as models get them: images become data URLs, in OpenAI's shape (API reference, "Create chat completion",
 * `image_url`). Nothing is fetched: the bytes are the site's own. Errors: `attachment_not_found`.
 */
export async function withImages(
  db: Pick<Database, "attachment">,
  messages: readonly IllustratedMessage[],
): Promise<ChatMessage[]> {
  const ids = [...new Set(messages.flatMap(({ images }) => images.map(({ id }) => id)))];
  if (ids.length === 0) return messages.map(({ role, content }) => ({ role, content }));
  const rows = await db.attachment.findMany({
    where: { id: { in: ids } },
    select: { id: true, contentType: true, bytes: true },
  });
  const urls = new Map(rows.map(({ id, contentType, bytes }) => [id, toDataUrl(contentType, bytes)]));
  return messages.map(({ role, content, images }) => {
    if (images.length === 0) return { role, content };
    const parts = images.map(({ id }) => {
      const url = urls.get(id);
      if (url === undefined) throw new AppError("attachment_not_found");
      return { type: "image_url", image_url: { url } };
    });
    return { role, content: [...parts, { type: "text", text: content }] };
  });
}
