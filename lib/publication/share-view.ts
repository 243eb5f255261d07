import type { Prisma } from "@/lib/db";
import { type SharedContent, type ShareView, sharedContentSchema } from "@/lib/protocol";

const maxTitleCharacters = 120;

export const shareSelect = {
  id: true,
  token: true,
  battleId: true,
  conversationId: true,
  content: true,
  hiddenFinds: true,
  createdAt: true,
} as const satisfies Prisma.ShareSelect;

type ShareRow = Prisma.ShareGetPayload<{ select: typeof shareSelect }>;

/** For a share that is published: one that was taken back has no content. */
export function toShareView({
  token,
  battleId,
  conversationId,
  content,
  hiddenFinds,
  createdAt,
}: ShareRow): ShareView {
  const shown = sharedContentSchema.parse(content);
  return {
    ...{ token, kind: shown.kind, battleId, conversationId, title: titleOf(shown) },
    ...{ createdAt: createdAt.toISOString(), hiddenFinds },
  };
}

/** A chat's title, or the beginning of a battle's first prompt, on one line. */
export function titleOf(content: SharedContent): string {
  const text = content.kind === "chat" ? content.title : (content.turns[0]?.prompt ?? "");
  const line = Array.from(
    text
      .slice(0, maxTitleCharacters * 4)
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return line.length <= maxTitleCharacters
    ? line.join("")
    : `${line.slice(0, maxTitleCharacters - 1).join("")}…`;
}
