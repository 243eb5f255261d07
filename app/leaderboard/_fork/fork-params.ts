import {
  type inferParserType,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { type ForkChoice, forkChoiceSchema, forkCovariates } from "@/lib/fork";
import { tieModelNames, weightingNameSchema } from "@/lib/protocol";
import { parseAsFlag } from "../_board/board-params";

/** A reader's fork, whole, in the address of the board. */
export const forkParsers = {
  /** The fork is open. */
  fork: parseAsFlag.withDefault(false),
  forkTies: parseAsStringLiteral(tieModelNames).withDefault("half"),
  forkWeights: parseAsStringLiteral(weightingNameSchema.options).withDefault("votes"),
  forkEqual: parseAsArrayOf(parseAsStringLiteral(forkCovariates)).withDefault([]),
  forkMin: parseAsInteger.withDefault(0),
  forkWithout: parseAsArrayOf(parseAsString).withDefault([]),
  forkOdd: parseAsFlag.withDefault(false),
  /** The data that the link was made on: see `formatPin`. */
  forkData: parseAsString.withDefault(""),
};
export type ForkParams = inferParserType<typeof forkParsers>;
export type ForkChange = { [K in keyof ForkParams]?: ForkParams[K] | null };

/** What an address asks for; what cannot be, written by hand, falls back: covariates win over a tie model. */
export function toChoice(params: ForkParams): ForkChoice {
  const covariates = forkCovariates.filter((name) => params.forkEqual.includes(name));
  const isPlain = covariates.length > 0 || params.forkWeights === "pairs";
  const asked = forkChoiceSchema.safeParse({
    ties: isPlain ? "half" : params.forkTies,
    weights: params.forkWeights,
    covariates,
    minVotes: Math.max(0, params.forkMin),
    without: [...new Set(params.forkWithout)].sort(),
    withoutOddVoters: params.forkOdd,
  });
  return asked.data ?? forkChoiceSchema.parse({});
}

/** Everything back to the published board. */
export const noFork = {
  forkTies: null,
  forkWeights: null,
  forkEqual: null,
  forkMin: null,
  forkWithout: null,
  forkOdd: null,
  forkData: null,
} satisfies ForkChange;

/** The data of a fit, as a permalink names them. */
export type ForkPin = {
  /** Of the category's counts, and of the board's votes; null in links from before there were revisions. */
  revision: { counts: number; votes: number } | null;
  /** First 64 bits of the hash of the pair counts, and, where they were used, of the file of votes. */
  counts: string;
  votes: string | null;
};

const hashDigits = 16;
const pinPattern = /^(?:(\d{1,15})\.(\d{1,15})\.)?([0-9a-f]{16})(?:\.([0-9a-f]{16}))?$/;

/** `revision.revision.hash` or `revision.revision.hash.hash`; null for anything else. */
export function parsePin(text: string): ForkPin | null {
  const [, counts, votes, countsHash, votesHash] = pinPattern.exec(text) ?? [];
  if (countsHash === undefined) return null;
  return {
    revision: counts === undefined ? null : { counts: Number(counts), votes: Number(votes) },
    ...{ counts: countsHash, votes: votesHash ?? null },
  };
}

export function formatPin({ revision, counts, votes }: ForkPin): string {
  const revisions = revision === null ? [] : [revision.counts, revision.votes];
  return [...revisions, counts, ...(votes === null ? [] : [votes])].join(".");
}

/** Names what was fitted; `votesRevision` where the votes were not used is that of the same moment. */
export function pinOf(fitted: {
  pairs: { revision: number; inputsHash: string };
  votesRevision: number;
  votes: string | null;
}): ForkPin {
  return {
    revision: { counts: fitted.pairs.revision, votes: fitted.votesRevision },
    counts: fitted.pairs.inputsHash.slice(0, hashDigits),
    votes: fitted.votes?.slice(0, hashDigits) ?? null,
  };
}

/** The fit was made of what the link was made of. The votes are compared where both used them. */
export function isOf(pin: ForkPin, fitted: ForkPin): boolean {
  return (
    pin.counts === fitted.counts &&
    (pin.votes === null || fitted.votes === null || pin.votes === fitted.votes)
  );
}
