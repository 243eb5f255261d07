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
  /** Of the pair counts, and of the board's votes; null in links from before there were editions. */
  editions: { counts: string; votes: string } | null;
  /** First 64 bits of the hash of the pair counts, and, where they were used, of the file of votes. */
  counts: string;
  votes: string | null;
};

const hashDigits = 16;
const pinPattern = /^(?:(\d[\w-]{1,63})\.(\d[\w-]{1,63})\.)?([0-9a-f]{16})(?:\.([0-9a-f]{16}))?$/;

/** `edition.edition.hash` or `edition.edition.hash.hash`; null for anything else. */
export function parsePin(text: string): ForkPin | null {
  const [, counts, votes, countsHash, votesHash] = pinPattern.exec(text) ?? [];
  if (countsHash === undefined) return null;
  return {
    editions: counts === undefined || votes === undefined ? null : { counts, votes },
    ...{ counts: countsHash, votes: votesHash ?? null },
  };
}

export function formatPin({ editions, counts, votes }: ForkPin): string {
  const names = editions === null ? [] : [editions.counts, editions.votes];
  return [...names, counts, ...(votes === null ? [] : [votes])].join(".");
}

/** Names what was fitted; `votesEdition` where the votes were not used is that of the same moment. */
export function pinOf(fitted: {
  pairs: { edition: string; inputsHash: string };
  votesEdition: string | null;
  votes: string | null;
}): ForkPin {
  const { pairs, votesEdition, votes } = fitted;
  return {
    editions: votesEdition === null ? null : { counts: pairs.edition, votes: votesEdition },
    counts: pairs.inputsHash.slice(0, hashDigits),
    votes: votes?.slice(0, hashDigits) ?? null,
  };
}

/** The fit was made of what the link was made of. The votes are compared where both used them. */
export function isOf(pin: ForkPin, fitted: ForkPin): boolean {
  return (
    pin.counts === fitted.counts &&
    (pin.votes === null || fitted.votes === null || pin.votes === fitted.votes)
  );
}
