import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readTestEnv } from "@/lib/env";
import { bootstrapBradleyTerry, fitBradleyTerry, type PairCounts, sandwichCovariance } from "@/lib/rating";
import { timed } from "./timed";

const file = "lmarena_pairs_20240814.json";
const count = z.number().int().nonnegative();
const dataSchema = z.object({
  models: z.array(z.string()),
  X: z.array(z.tuple([count, count])),
  Y: z.array(z.tuple([count, count, count, count])),
});

/** Fits of 1,670,250 real votes among 129 models, one thread, counts in memory. */
export function benchFits(rounds: number): string[][] {
  const path = join(readTestEnv().ARENA_TEST_DATA, file);
  if (!existsSync(path)) {
    process.stderr.write(`${file} is not there; set ARENA_TEST_DATA to its folder.\n`);
    return [];
  }
  const data = dataSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const modelCount = data.models.length;
  const pairs = data.X.map(([i, j], row): PairCounts => {
    const [winI, winJ, tie, bothBad] = data.Y[row] ?? [0, 0, 0, 0];
    return { i, j, winI, winJ, tie, bothBad };
  });
  const fit = fitBradleyTerry(modelCount, pairs);
  return [
    timed("fit", "≤ 6 ms", rounds, () => fitBradleyTerry(modelCount, pairs)),
    timed("fit with sandwich covariance", "≤ 25 ms", rounds, () =>
      sandwichCovariance(fitBradleyTerry(modelCount, pairs)),
    ),
    timed("200 bootstraps", "≤ 600 ms", Math.min(rounds, 5), () =>
      bootstrapBradleyTerry(fit, { replicates: 200, seed: 1 }),
    ),
  ];
}
