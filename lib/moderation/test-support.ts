import type { Moderation } from "./moderation";

/** Lets everything through, for tests of something else. */
export const unmoderated: Pick<Moderation, "admit" | "review"> = {
  admit: async () => undefined,
  review: () => undefined,
};
