import type { SharedContent } from "@/lib/protocol";

const maxCharacters = 120;

/** A chat's title, or the beginning of a battle's first prompt on one line. */
export function titleOf(content: SharedContent): string {
  const text = content.kind === "chat" ? content.title : (content.turns[0]?.prompt ?? "");
  const line = Array.from(
    text
      .slice(0, maxCharacters * 4)
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return line.length <= maxCharacters ? line.join("") : `${line.slice(0, maxCharacters - 1).join("")}…`;
}
