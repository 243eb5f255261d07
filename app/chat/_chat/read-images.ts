import type { ConversationView, ImageView } from "@/lib/protocol";

/** An image as an export holds it. Null: it is no longer on the site, or could not be read just now. */
export type ExportedImage = { contentType: string; size: number; dataUrl: string } | null;
export type ExportedImages = ReadonlyMap<string, ExportedImage>;

/**
 * The images of a conversation by their ids, from the site. Those that are sent together are 5 MB at most, so a document of one
 * branch stays below 7.
 */
export async function readImages({ messages }: ConversationView): Promise<ExportedImages> {
  const views = messages.flatMap((message): readonly ImageView[] =>
    message.role === "user" ? message.images : [],
  );
  const ids = [...new Set(views.map(({ id }) => id))];
  return new Map(await Promise.all(ids.map(async (id) => [id, await readImage(id)] as const)));
}

/** One that cannot be had costs the export its picture, nothing more; the document says that it is missing. */
async function readImage(id: string): Promise<ExportedImage> {
  try {
    const response = await fetch(`/api/attachments/${id}`);
    if (!response.ok) return null;
    const blob = await response.blob();
    return { contentType: blob.type, size: blob.size, dataUrl: await toDataUrl(blob) };
  } catch {
    return null;
  }
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
