import type { ImageView } from "@/lib/protocol";

/** An image that goes with the next message. */
export type DraftImage = {
  key: string;
  /** Of the file, for the eye and for assistive technology. */
  name: string;
  /** Null while it is being scaled down and uploaded. */
  view: ImageView | null;
};

/** Those that are stored; the others are still on their way. */
export function readyImages(images: readonly DraftImage[]): ImageView[] {
  return images.flatMap(({ view }) => (view === null ? [] : [view]));
}

/** Images that come back into the composer, because the message with them did not go out. */
export function toDraftImages(views: readonly ImageView[]): DraftImage[] {
  return views.map((view, index) => ({ key: view.id, name: `${index + 1}`, view }));
}
