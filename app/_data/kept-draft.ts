import { type DraftImage, readyImages, toDraftImages } from "@/app/_components/images/draft-image";
import type { ImageView } from "@/lib/protocol";
import { keepText, readKept } from "./kept-text";

/** What stands in a composer survives a reload of this tab. */
export type KeptDraft = {
  read: () => { draft: string; images: DraftImage[] };
  keepText: (draft: string) => void;
  keepImages: (images: readonly DraftImage[]) => void;
};

export function createKeptDraft(key: string): KeptDraft {
  const imagesKey = `${key}-images`;
  return {
    read: () => ({ draft: readKept(key) ?? "", images: toDraftImages(parseViews(readKept(imagesKey))) }),
    keepText: (draft) => keepText(key, draft),
    keepImages(images) {
      const ready = readyImages(images);
      keepText(imagesKey, ready.length === 0 ? "" : JSON.stringify(ready));
    },
  };
}

/** Written by this page, but an older version of it may have been here before. */
function parseViews(text: string | null): ImageView[] {
  if (text === null) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is ImageView {
  const { id, width, height } = (value ?? {}) as Record<string, unknown>;
  return typeof id === "string" && typeof width === "number" && typeof height === "number";
}
