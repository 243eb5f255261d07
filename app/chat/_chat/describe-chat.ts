import type { AssistantMessage, MessageView } from "@/lib/protocol";
import { isActive } from "./chat-state";

export type Announcement = {
  key: "announceWriting" | "announceFinished" | "announceFailed" | ReturnType<typeof stoppedKey>;
  values: { model: string };
};

/** What the polite status region says; it speaks whenever this changes. */
export function announcementOf(shown: readonly MessageView[]): Announcement | null {
  const last = shown.at(-1);
  if (last?.role !== "assistant") return null;
  const values = { model: last.model.displayName };
  if (isActive(last)) return { key: "announceWriting", values };
  if (last.status === "failed") return { key: "announceFailed", values };
  return { key: last.status === "stopped" ? stoppedKey(last) : "announceFinished", values };
}

function stoppedKey({ stoppedBy }: AssistantMessage) {
  if (stoppedBy === undefined) return "announceStopped";
  return stoppedBy === "absence" ? "announceStoppedAbsence" : "announceStoppedServer";
}
