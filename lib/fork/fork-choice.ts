import { z } from "zod";
import { tieModelNameSchema, weightingNameSchema } from "@/lib/protocol";

/** What a fit can hold equal, besides the models. `position`: standing on side A; `organization`: both of one. */
export const forkCovariates = ["tokens", "lists", "headers", "bold", "position", "organization"] as const;
export const forkCovariateSchema = z.enum(forkCovariates);
export type ForkCovariate = z.infer<typeof forkCovariateSchema>;

/** How a reader wants the votes fitted. */
export const forkChoiceSchema = z
  .strictObject({
    ties: tieModelNameSchema.default("half"),
    weights: weightingNameSchema.default("votes"),
    covariates: z.array(forkCovariateSchema).default([]),
    /** Models with fewer votes are not shown, and ranks are among those that are. Their votes stay in the fit. */
    minVotes: z.number().int().min(0).max(1_000_000_000).default(0),
    /** Names of models whose votes are left out of the fit. */
    without: z.array(z.string().min(1).max(256)).max(1_000).default([]),
    /** Leaves out voters whose votes are no opinions: see `oddVoters`. */
    withoutOddVoters: z.boolean().default(false),
  })
  .refine(
    (choice) => choice.ties === "half" || (choice.covariates.length === 0 && choice.weights === "votes"),
    {
      path: ["ties"],
      message: "covariates and weights go with ties=half only",
    },
  );
export type ForkChoice = z.infer<typeof forkChoiceSchema>;

/** Pair counts tell nothing of style, sides and voters: those choices need the votes one by one. */
export function needsVotes({ covariates, withoutOddVoters }: ForkChoice): boolean {
  return covariates.length > 0 || withoutOddVoters;
}

/** The board as it is published. */
export function isAsPublished(choice: ForkChoice): boolean {
  return (
    choice.ties === "half" && choice.weights === "votes" && choice.without.length === 0 && !needsVotes(choice)
  );
}
