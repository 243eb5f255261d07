import { createHash } from "node:crypto";
import type { SharedContent } from "@/lib/protocol";
import type { PictureWords } from "./draw-picture";

export type Picture = { png: Uint8Array<ArrayBuffer>; etag: string };

/** Each takes some 50 KB. */
const maxKept = 64;

type Draw = typeof import("./draw-picture").drawPicture;

/** Loaded with the first picture: most servers of a site never draw one. */
const drawLater: Draw = async (content, words) =>
  (await import("./draw-picture")).drawPicture(content, words);

/**
 * Draws pictures one at a time, because each takes a processor for a moment, and keeps the last ones. Whoever asks has read
 * what the page shows before: a page that is taken back never gets here.
 */
export function keepPictures(
  draw: Draw = drawLater,
): (content: SharedContent, words: PictureWords) => Promise<Picture> {
  const kept = new Map<string, Promise<Picture>>();
  let last: Promise<unknown> = Promise.resolve();

  return (content, words) => {
    const key = createHash("sha256")
      .update(JSON.stringify([content, words]))
      .digest("base64url");
    const known = kept.get(key);
    if (known !== undefined) {
      // The most lately used is the last to go.
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    const drawing = last.then(async () => ({ png: await draw(content, words), etag: `"${key}"` }));
    // The next one only waits for its turn; whoever asked for this one hears of its failure.
    last = drawing.catch(() => undefined);
    kept.set(key, drawing);
    drawing.catch(() => kept.delete(key));
    const oldest = kept.keys().next();
    if (kept.size > maxKept && oldest.done !== true) kept.delete(oldest.value);
    return drawing;
  };
}
