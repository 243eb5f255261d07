import {
  fitStyleControl,
  OUTCOMES,
  positionCovariate,
  seededRandom,
  styleCovariate,
  type VoteTable,
} from "@/lib/rating";
import { figure } from "../stats";
import { cpuMs, summary } from "./timed";

const rows = 1_000_000;
const models = 130;
const trueGamma = 0.249;

/** A style-controlled fit of simulated votes: four features and the side. One run; memory is the whole process's peak. */
export function benchStyle(): string[][] {
  const random = seededRandom(7);
  const votes: VoteTable = {
    modelCount: models,
    size: rows,
    a: new Int32Array(rows),
    b: new Int32Array(rows),
    outcome: new Uint8Array(rows),
  };
  const sides = ["tokens", "headers", "bold", "lists"].map((name) => ({
    name,
    a: new Int32Array(rows),
    b: new Int32Array(rows),
  }));
  for (let row = 0; row < rows; row++) {
    const a = Math.floor(random() * models);
    votes.a[row] = a;
    votes.b[row] = (a + 1 + Math.floor(random() * (models - 1))) % models;
    for (const side of sides) {
      side.a[row] = Math.floor(random() * 500);
      side.b[row] = Math.floor(random() * 500);
    }
  }
  const covariates = [...sides.map(({ name, a, b }) => styleCovariate(name, a, b)), positionCovariate(rows)];
  for (let row = 0; row < rows; row++) {
    const gap = ((votes.b[row] as number) - (votes.a[row] as number)) / 40;
    const logit = gap + trueGamma * (covariates[0]?.values[row] ?? 0);
    const outcome = random() < 0.2 ? "tie" : random() < 1 / (1 + Math.exp(-logit)) ? "a" : "b";
    votes.outcome[row] = OUTCOMES.indexOf(outcome);
  }
  const startedAt = performance.now();
  const cpuBefore = cpuMs();
  const fit = fitStyleControl(votes, covariates);
  const time = performance.now() - startedAt;
  const cpu = cpuMs() - cpuBefore;
  const peak = `${figure(process.resourceUsage().maxRSS / 1024)} MB`;
  const name = `style fit, ${rows / 1e6} M rows, ${models} models, ${covariates.length} covariates (γ ${figure(fit.gamma[0] ?? Number.NaN)})`;
  return [
    summary(name, "≤ 2000 ms", [time], [cpu]),
    ["memory of the process at its peak", peak, "", "", "", "≤ 600 MB"],
  ];
}
