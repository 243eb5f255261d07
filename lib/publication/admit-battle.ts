import { requireNotStopped } from "@/lib/accounts";
import type { SharedContent } from "@/lib/protocol";
import type { PublicationDeps } from "./deps";

/**
 * The chain's verdict on all texts of a voted battle, before any of them is published. It is asked once: what it let through is
 * noted with the battle, whose text changes no more, and holds for shared pages, for the choice to publish and for releases. What
 * it refused is asked again, because thresholds and moderators may have changed. `countPrompt` is called before the chain is. Errors: its own, and those of
 * `Moderation.admit`.
 */
export async function admitBattle(
  { db, moderation }: Pick<PublicationDeps, "db" | "moderation">,
  visitorId: string,
  battle: { id: string; textAdmittedAt: Date | null },
  content: SharedContent,
  countPrompt?: () => Promise<void>,
): Promise<void> {
  if (battle.textAdmittedAt !== null) return requireNotStopped(db, visitorId);
  await countPrompt?.();
  const subjectId = battle.id;
  await moderation.admit({ surface: "publication", visitorId, subjectId, text: textOf(content) });
  await db.battle.updateMany({
    // Somebody may have taken it out of publication meanwhile.
    where: { id: battle.id, textDeletedAt: null, textBarredAt: null },
    data: { textAdmittedAt: new Date() },
  });
}

/** All that would be read there. */
export function textOf(content: SharedContent): string {
  const texts =
    content.kind === "battle"
      ? content.turns.flatMap(({ prompt, a, b }) => [prompt, a.text, b.text])
      : [content.title, ...content.messages.map(({ text }) => text)];
  return texts.join("\n\n");
}
