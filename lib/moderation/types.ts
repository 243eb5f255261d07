import type { ModerationCategory } from "@/lib/protocol";

/** What was found in a text: scores in [0, 1] of the categories that have any; empty: nothing. */
export type Assessment = ReadonlyMap<ModerationCategory, number>;

/** One link of the chain. */
export type Moderator = {
  /** As stored with its results. */
  name: string;
  version: string;
  /** Rejects when it cannot tell, and with the signal's reason. */
  assess(text: string, signal: AbortSignal): Promise<Assessment>;
};

/** What one moderator came to. */
export type Opinion = {
  moderator: string;
  version: string;
  durationMs: number;
} & (
  | { kind: "clear" }
  | { kind: "found"; category: ModerationCategory; score: number }
  | { kind: "failed"; cause: unknown }
);
