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
  /** The data that the link was made on: see `pinOf`. */
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

/**
 * Names the data of a fit, as it stands in a permalink and in the panel: the first 64 bits of the hash of the pair counts,
 * and, where they were used, of the file of votes.
 */
export function pinOf(inputs: { counts: string; votes: string | null }): string {
  const counts = inputs.counts.slice(0, 16);
  return inputs.votes === null ? counts : `${counts}.${inputs.votes.slice(0, 16)}`;
}
