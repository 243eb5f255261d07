import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { Moderation } from "@/lib/moderation";
import type { LiveConversations } from "./live-conversations";
import type { PublicWaiting } from "./public-waiting";

/** What the use cases of chat need. Built once by the composition root. */
export type ChatDeps = {
  db: Database;
  controller: Controller;
  live: LiveConversations;
  moderation: Pick<Moderation, "admit">;
  /** How busy a model is, as anybody may know it: never of this moment. */
  waiting: Pick<PublicWaiting, "of">;
  /** Longest answer, in tokens. */
  maxTokens: number;
};
