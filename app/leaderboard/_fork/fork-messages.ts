import type { ForkChoice, ForkFit } from "@/lib/fork";
import type { BoardPairs } from "@/lib/protocol";

/** What the page asks of its worker. */
export type ForkRequest = {
  id: number;
  pairs: BoardPairs;
  choice: ForkChoice;
  /** Where the file of votes is; null where the choice needs none. */
  votesUrl: string | null;
  /** The edition of it that is wanted; null: the newest. */
  votesEdition: string | null;
};

export type ForkStep = { step: "download" | "voters" | "fit" /** 0 … 1 */; done: number };

/** Why there is no fit: the data did not come, the site never had them, the file is not what it says, or the fit failed. */
export type ForkFailure = "download" | "unknown" | "file" | "fit";

export type ForkReply = { id: number } & (
  | { kind: "progress"; progress: ForkStep }
  /** `votes`: hash and edition of the file; `fitMs`: of the fit alone. */
  | { kind: "done"; fit: ForkFit; votes: { hash: string; edition: string } | null; fitMs: number }
  | { kind: "failed"; failure: ForkFailure }
);
