import { createHash } from "node:crypto";
import { findPii, piiScreenVersion, redactPii } from "@/lib/pii";
import {
  type FoundDetails,
  type FoundPlace,
  type FoundView,
  maxFoundViews,
  type PiiKind,
  type SharedBattle,
  type SharedContent,
} from "@/lib/protocol";

const contextCharacters = 40;

/** The content with each of its texts put through `change`. What is not a text, such as a model's name, stays. */
function mapTexts<C extends SharedContent>(
  content: C,
  change: (text: string, place: FoundPlace) => string,
): C;
function mapTexts(
  content: SharedContent,
  change: (text: string, place: FoundPlace) => string,
): SharedContent {
  if (content.kind === "battle") {
    const turns = content.turns.map((turn, index): SharedBattle["turns"][number] => ({
      ...turn,
      prompt: change(turn.prompt, { part: "prompt", turn: index + 1 }),
      a: { ...turn.a, text: change(turn.a.text, { part: "answer_a", turn: index + 1 }) },
      b: { ...turn.b, text: change(turn.b.text, { part: "answer_b", turn: index + 1 }) },
    }));
    return { ...content, turns };
  }
  let turn = 0;
  return {
    ...content,
    title: change(content.title, { part: "title", turn: 0 }),
    messages: content.messages.map((message) => {
      if (message.role === "user") turn += 1;
      const part = message.role === "user" ? "message" : "answer";
      return { ...message, text: change(message.text, { part, turn }) };
    }),
  };
}

/** What the screen finds, with the text around each find; null where it finds nothing. */
export function screenContent(content: SharedContent): FoundDetails | null {
  const finds: FoundView[] = [];
  const digest = createHash("sha256").update(`${piiScreenVersion}`);
  let total = 0;
  mapTexts(content, (text, place) => {
    for (const { kind, start, end } of findPii(text)) {
      total += 1;
      digest.update(`\n${place.part} ${place.turn} ${kind} ${text.slice(start, end)}`);
      if (finds.length >= maxFoundViews) continue;
      const before = text.slice(Math.max(0, start - contextCharacters), start);
      const after = text.slice(end, end + contextCharacters);
      // A pair of surrogates may have been cut in half.
      finds.push({
        ...{ place, kind },
        before: before.toWellFormed(),
        found: text.slice(start, Math.min(end, start + 200)).toWellFormed(),
        after: after.toWellFormed(),
      });
    }
    return text;
  });
  return total === 0 ? null : { finds, total, digest: digest.digest("base64url") };
}

/** How many finds there are of each kind. */
export function countFinds(content: SharedContent): { kind: PiiKind; count: number }[] {
  const counts = new Map<PiiKind, number>();
  mapTexts(content, (text) => {
    for (const { kind } of findPii(text)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return text;
  });
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** The content with every find hidden. */
export function hideFinds<C extends SharedContent>(content: C): { content: C; hidden: number } {
  let hidden = 0;
  const changed = mapTexts(content, (text) => {
    const redacted = redactPii(text);
    hidden += redacted.count;
    return redacted.text;
  });
  return { content: changed, hidden };
}

/**
 * What may be published of a battle for anyone to read: the text as it is where the screen finds nothing; with its finds hidden
 * where its visitor wants that; else nothing.
 */
export function publishable(
  content: SharedBattle,
  { hidesFinds }: { hidesFinds: boolean },
): { content: SharedBattle; hidden: number } | null {
  const { content: clean, hidden } = hideFinds(content);
  return hidden > 0 && !hidesFinds ? null : { content: clean, hidden };
}
