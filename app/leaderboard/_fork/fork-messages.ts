import type { ForkChoice, ForkFit } from "@/lib/fork";
import type { BoardPairs } from "@/lib/protocol";

/** What the page asks of its worker. */
export type ForkRequest = {
  id: number;
  pairs: BoardPairs;
  choice: ForkChoice;
  /** Where the file of votes is; null where the choice needs none. */
  votesUrl: string | null;
};

export type ForkStep = { step: "download" | "voters" | "fit" /** 0 … 1 */; done: number };

/** Why there is no fit: the file did not come, it is not what it says, or the fit failed. */
export type ForkFailure = "download" | "file" | "fit";

export type ForkReply = { id: number } & (
  | { kind: "progress"; progress: ForkStep }
  /** `votes`: hash of the file; `fitMs`: of the fit alone. */
  | { kind: "done"; fit: ForkFit; votes: string | null; fitMs: number }
  | { kind: "failed"; failure: ForkFailure }
);
