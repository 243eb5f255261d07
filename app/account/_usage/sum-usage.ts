import type { OwnUsage, OwnUsageRow } from "@/lib/protocol";

export const measures = ["requests", "tokens"] as const;
export type Measure = (typeof measures)[number];

const dayMs = 86_400_000;

export const measureOf = (row: OwnUsageRow, measure: Measure): number =>
  measure === "requests" ? row.requests : row.promptTokens + row.completionTokens;

/** One sum a day of the whole range, also for days without a request; `model`: of this one alone. */
export function sumByDay(
  { from, to, rows }: OwnUsage,
  measure: Measure,
  model: string | null,
): { day: string; value: number }[] {
  const sums = new Map<string, number>();
  for (let time = Date.parse(from); time <= Date.parse(to); time += dayMs) {
    sums.set(new Date(time).toISOString().slice(0, 10), 0);
  }
  for (const row of rows) {
    if (model !== null && row.model !== model) continue;
    sums.set(row.day, (sums.get(row.day) ?? 0) + measureOf(row, measure));
  }
  return [...sums].map(([day, value]) => ({ day, value }));
}

export type ModelUsage = Pick<OwnUsageRow, "requests" | "errors" | "promptTokens" | "completionTokens"> & {
  model: string;
};

/** One sum a model, the most used first. */
export function sumByModel(rows: readonly OwnUsageRow[], measure: Measure): ModelUsage[] {
  const sums = new Map<string, ModelUsage>();
  for (const row of rows) {
    const { model } = row;
    const sum = sums.get(model) ?? { model, requests: 0, errors: 0, promptTokens: 0, completionTokens: 0 };
    sum.requests += row.requests;
    sum.errors += row.errors;
    sum.promptTokens += row.promptTokens;
    sum.completionTokens += row.completionTokens;
    sums.set(model, sum);
  }
  const size = (sum: ModelUsage) =>
    measure === "requests" ? sum.requests : sum.promptTokens + sum.completionTokens;
  return [...sums.values()].sort((a, b) => size(b) - size(a) || a.model.localeCompare(b.model));
}

/** The end of the axis: a round number whose half is whole and round too, not far above the highest bar. */
export function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  const steps = power === 1 ? [2, 4, 6, 8, 10] : [1, 1.2, 1.4, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];
  return steps.map((step) => Math.round(step * power)).find((candidate) => candidate >= most) ?? 10 * power;
}
