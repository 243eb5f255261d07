import { v4 as uuid } from "uuid";
import { z } from "zod";
import { keepText, readKeptJson } from "@/app/_data/kept-text";

const storageKey = "chat-unanswered";

/** A message of which it is not known whether the server has it: its call has brought no answer. */
const unansweredSendSchema = z.object({
  key: z.uuid(),
  /** All that was asked, as JSON. Only the very same again is the same message. */
  request: z.string(),
  text: z.string(),
  parentId: z.string().nullable(),
  images: z.array(z.string()),
  /** How many messages the conversation had. */
  known: z.number().int(),
});
const storedSchema = z.record(z.string(), unansweredSendSchema);

export type UnansweredSend = z.infer<typeof unansweredSendSchema>;
type Asked = { text: string; parentId: string | null; images: readonly string[] };

/**
 * The last message of each conversation until the server has answered it; null names the conversation that will begin. Kept
 * over a reload of the tab, so that the same message again has the same idempotency key and is made once.
 */
export function createUnansweredSends() {
  const sends = new Map(Object.entries(readKeptJson(storageKey, storedSchema) ?? {}));
  const nameOf = (conversationId: string | null) => conversationId ?? "new";

  return {
    /** The send of this request: the former one where it is the same. */
    begin(conversationId: string | null, asked: Asked, known: number): UnansweredSend {
      const request = JSON.stringify(asked);
      const former = sends.get(nameOf(conversationId));
      if (former?.request === request) return former;
      const { text, parentId, images } = asked;
      const send = { key: uuid(), request, text, parentId, images: [...images], known };
      sends.set(nameOf(conversationId), send);
      keep(sends);
      return send;
    },
    get: (conversationId: string | null): UnansweredSend | null => sends.get(nameOf(conversationId)) ?? null,
    /** The server has it. */
    forget(conversationId: string | null, key: string): void {
      if (sends.get(nameOf(conversationId))?.key !== key) return;
      sends.delete(nameOf(conversationId));
      keep(sends);
    },
  };
}

function keep(sends: ReadonlyMap<string, UnansweredSend>): void {
  keepText(storageKey, sends.size === 0 ? "" : JSON.stringify(Object.fromEntries(sends)));
}
