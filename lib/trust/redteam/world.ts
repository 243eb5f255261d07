import type { Outcome } from "@/lib/protocol";
import { davidsonProbabilities, type Random } from "@/lib/rating";

export type WorldOptions = {
  models: number;
  /** Points from the best model to the worst. */
  spread: number;
};

/** Models with true strengths. The target of attacks is in the middle: it can be moved up and down. */
export type World = {
  modelIds: string[];
  /** ln π. */
  strengths: number[];
  target: string;
};

export function makeWorld({ models, spread }: WorldOptions): World {
  const modelIds = Array.from({ length: models }, (_, index) => `model-${String(index).padStart(2, "0")}`);
  const step = (spread * Math.LN10) / 400 / (models - 1);
  return {
    modelIds,
    strengths: modelIds.map((_, index) => -index * step),
    target: modelIds[Math.floor(models / 2)] ?? "",
  };
}

/** How an honest voter differs from the world's mean voter. */
export type Honest = {
  /** Stretches differences of strength; 0 would be a coin. */
  skill: number;
  /** Multiplies the tendency to ties. */
  ties: number;
  /** Chance that a tie is called “both bad”. */
  badShare: number;
  /** Added to ln π of side A: some people prefer the left. */
  left: number;
};

/** Honest voters of all kinds: careless and expert, decided and undecided, lenient and strict, a little one-sided. */
export function drawHonest(random: Random): Honest {
  return {
    skill: Math.exp(normal(random) * 0.4),
    ties: Math.exp(normal(random) * 0.5),
    badShare: clamp(0.4 + 0.18 * normal(random), 0.03, 0.95),
    left: 0.15 * normal(random),
  };
}

/** Ties that the mean voter calls between equal models: ν / (2 + ν), a third. */
const nu = 1;

export function honestOutcome(world: World, a: number, b: number, voter: Honest, random: Random): Outcome {
  const difference = voter.skill * ((world.strengths[a] ?? 0) - (world.strengths[b] ?? 0)) + voter.left;
  const chances = davidsonProbabilities(Math.exp(difference / 2), Math.exp(-difference / 2), nu * voter.ties);
  const draw = random();
  if (draw < chances.winI) return "a";
  if (draw < chances.winI + chances.winJ) return "b";
  return random() < voter.badShare ? "both_bad" : "tie";
}

/** Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
