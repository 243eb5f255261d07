import type { ModerationCategory } from "@/lib/protocol";

/** What was found in a text: scores in [0, 1] of the categories that have any; empty: nothing. */
export type Assessment = ReadonlyMap<ModerationCategory, number>;

/** What a moderator is asked about: a text, or an image as a data URL. */
export type ModeratedContent = { kind: "text"; text: string } | { kind: "image"; url: string };

/** One link of the chain. */
export type Moderator = {
  /** As stored with its results. */
  name: string;
  version: string;
  /** Whether it can look at images; of one that cannot, it is never asked about any. */
  takesImages: boolean;
  /** As much of a text as it reads at once, in UTF-16 units; it is asked about longer ones in parts. Null: any text. */
  maxCharacters: number | null;
  /** Rejects when it cannot tell, and with the signal's reason. */
  assess(content: ModeratedContent, signal: AbortSignal): Promise<Assessment>;
};

/** What one moderator came to. */
export type Opinion = {
  moderator: string;
  version: string;
  durationMs: number;
  about: ModeratedContent["kind"];
} & (
  | { kind: "clear" }
  | { kind: "found"; category: ModerationCategory; score: number }
  | { kind: "failed"; cause: unknown }
);
