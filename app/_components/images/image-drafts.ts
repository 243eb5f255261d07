import { v4 as uuid } from "uuid";
import { ApiError, toApiError } from "@/app/_data/api-error";
import { type Problem, problemOf } from "@/app/_data/problem";
import { imageLimits } from "@/lib/protocol";
import type { DraftImage } from "./draft-image";

type ImageState = { images: readonly DraftImage[]; problem: Problem | null };
type ImageStore = { get: () => ImageState; set: (change: Partial<ImageState>) => void };

/** Images that go with the next message: scaled down, uploaded one after another, and taken off again. */
export function createImageDrafts(store: ImageStore) {
  // One after another: the first upload of a new visitor brings the cookie that the others need.
  let queue: Promise<void> = Promise.resolve();

  function add(files: readonly File[]) {
    const room = imageLimits.maxCount - store.get().images.length;
    const taken = files.slice(0, room);
    if (taken.length < files.length) store.set({ problem: problemOf(new ApiError("too_many_files"), false) });
    else if (store.get().problem?.retryAt == null) store.set({ problem: null });
    const added = taken.map((file) => ({ file, key: uuid() }));
    store.set({
      images: [
        ...store.get().images,
        ...added.map(({ file, key }) => ({ key, name: file.name, view: null })),
      ],
    });
    for (const { file, key } of added) queue = queue.then(() => upload(file, key));
  }

  async function upload(file: File, key: string) {
    const isWanted = () => store.get().images.some((image) => image.key === key);
    if (!isWanted()) return;
    try {
      const { uploadImage } = await import("./upload-image");
      const view = await uploadImage(file);
      store.set({
        images: store.get().images.map((image) => (image.key === key ? { ...image, view } : image)),
      });
    } catch (error) {
      if (isWanted()) store.set({ problem: { ...problemOf(toApiError(error), false), isAboutImage: true } });
      remove(key);
    }
  }

  function remove(key: string) {
    store.set({ images: store.get().images.filter((image) => image.key !== key) });
  }

  return { add, remove };
}
