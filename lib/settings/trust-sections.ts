import { z } from "zod";

function limit(standard: number) {
  return z.number().int().min(1).max(10_000_000).default(standard);
}

/** Prompts and answers together, within the last 24 hours. */
function dayOfTokens(standard: number) {
  return z.number().int().min(1_000).max(1_000_000_000_000).default(standard);
}

type PerHour = Record<"battles" | "prompts" | "votes" | "flags" | "publications" | "tokensPerDay", number>;

function perHour({ battles, prompts, votes, flags, publications, tokensPerDay }: PerHour) {
  return z
    .strictObject({
      battlesPerHour: limit(battles),
      promptsPerHour: limit(prompts),
      votesPerHour: limit(votes),
      flagsPerHour: limit(flags),
      publicationsPerHour: limit(publications),
      tokensPerDay: dayOfTokens(tokensPerDay),
    })
    .prefault({});
}

/** Limits, and what makes a vote count. */
export const trustSections = {
  /** How much one visitor, account or network may do. Sliding windows, shared by all servers. */
  limits: z.strictObject({
    visitor: perHour({
      ...{ battles: 60, prompts: 120, votes: 60, flags: 30, publications: 60 },
      tokensPerDay: 500_000,
    }),
    account: perHour({
      ...{ battles: 180, prompts: 360, votes: 180, flags: 60, publications: 180 },
      tokensPerDay: 2_000_000,
    }),
    /** All visitors of one /24 or /56. Behind a proxy that TRUST_PROXY does not name, everybody is one network. */
    network: z
      .strictObject({
        battlesPerHour: limit(600),
        promptsPerHour: limit(1_200),
        votesPerHour: limit(600),
        flagsPerHour: limit(120),
        publicationsPerHour: limit(600),
        tokensPerDay: dayOfTokens(10_000_000),
      })
      .prefault({}),
    maxPromptCharacters: z.number().int().min(100).max(32_000).default(32_000),
    maxTurns: z.number().int().min(1).max(20).default(20),
    /** Proof of work for networks that run into limits again and again. */
    challenge: z
      .strictObject({
        isOn: z.boolean().default(true),
        /** Refusals of a network within an hour from which on it must solve challenges. */
        afterRefusals: z.number().int().min(1).max(100_000).default(30),
        /** Leading zero bits: each more doubles the work; 17 take a phone about a second. */
        bits: z.number().int().min(8).max(24).default(17),
      })
      .prefault({}),
  }),
  /** Which votes do not count. */
  integrity: z.strictObject({
    /** Shortest time between the end of the answers and a vote, in milliseconds. */
    minVoteMs: z.number().int().min(0).max(60_000).default(300),
    /** Characters a second that nobody reads faster than. */
    maxCharactersPerSecond: z.number().int().min(50).max(1_000_000).default(1_000),
    /** Votes on equal prompts that count within the window. */
    samePromptPerVisitor: z.number().int().min(1).max(100_000).default(3),
    samePromptOverall: z.number().int().min(1).max(1_000_000).default(50),
    samePromptHours: z.number().int().min(1).max(720).default(24),
    /** Of the voters in quarantine at most this share is honest, in expectation. */
    falseDiscoveryRate: z.number().min(0.0001).max(0.2).default(0.05),
    /** How long it is kept, as a hash, from which network a vote came. */
    keepNetworkDays: z.number().int().min(1).max(90).default(14),
  }),
} as const;
