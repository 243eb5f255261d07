import type { SideStatus } from "@/lib/protocol";

type Answer = { readonly status: SideStatus; readonly text: string; readonly isHidden?: true | undefined };

/**
 * Whether a turn whose sides have ended well holds two answers that can be compared. One that was stopped before its first
 * word says nothing of its model, only of its speed; one that ended by itself without a word is an answer, and may lose.
 * Two of those are nothing to compare. Pure, and without a schema: the page decides as the server does.
 */
export function isJudgeable(turn: { readonly a: Answer; readonly b: Answer }): boolean {
  const answers = [turn.a, turn.b];
  return answers.some(hasText) && answers.every((answer) => hasText(answer) || answer.status === "finished");
}

/** A text that a moderator took out of sight was there to be read. */
function hasText({ text, isHidden }: Answer): boolean {
  return isHidden === true || text.trim() !== "";
}
