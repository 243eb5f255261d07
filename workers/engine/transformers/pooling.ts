import { z } from "zod";

/** How the states of a text's tokens become one vector. */
export type Pooling = "mean" | "cls" | "last" | "max";

/** `1_Pooling/config.json` of sentence-transformers: flags, or in newer files a name. */
const poolingConfigSchema = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
  pooling_mode_cls_token: z.boolean().optional(),
  pooling_mode_mean_tokens: z.boolean().optional(),
  pooling_mode_max_tokens: z.boolean().optional(),
  pooling_mode_lasttoken: z.boolean().optional(),
  pooling_mode_mean_sqrt_len_tokens: z.boolean().optional(),
  pooling_mode_weightedmean_tokens: z.boolean().optional(),
});

const flags: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: "mean",
  pooling_mode_cls_token: "cls",
  pooling_mode_lasttoken: "last",
  pooling_mode_max_tokens: "max",
};
const names: Readonly<Record<string, Pooling>> = { mean: "mean", cls: "cls", lasttoken: "last", max: "max" };

/** What a model's own configuration says. Errors: an `Error` with one sentence for what is not done here. */
export function parsePooling(config: unknown): Pooling {
  const { pooling_mode: name, ...rest } = poolingConfigSchema.parse(config);
  const chosen =
    name === undefined
      ? Object.keys(rest).filter((flag) => flag.startsWith("pooling_mode_") && rest[flag] === true)
      : [name].flat();
  const [only = ""] = chosen;
  const pooling = name === undefined ? flags[only] : names[only];
  if (chosen.length === 1 && pooling !== undefined) return pooling;
  throw new Error(`The pooling ${chosen.join(" and ") || "none"} is not supported.`);
}

/** `states`: `count` vectors of `width` values, one after another. */
export function pool(states: Float32Array, count: number, width: number, pooling: Pooling): number[] {
  const row = (index: number): number[] => [...states.subarray(index * width, (index + 1) * width)];
  if (pooling === "cls") return row(0);
  if (pooling === "last") return row(count - 1);
  const pooled = row(0);
  for (let index = 1; index < count; index++) {
    for (let column = 0; column < width; column++) {
      const value = states[index * width + column] ?? 0;
      const before = pooled[column] ?? 0;
      pooled[column] = pooling === "max" ? Math.max(before, value) : before + value;
    }
  }
  return pooling === "max" ? pooled : pooled.map((value) => value / count);
}
