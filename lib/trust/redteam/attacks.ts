import type { Outcome } from "@/lib/protocol";
import type { Random } from "@/lib/rating";
import type { World } from "./world";

export type Meeting = { a: string; b: string };

/** A way to attack the board, and what it has at hand. */
export type Attack = {
  name: string;
  /** What it does, in a line. */
  means: string;
  /** Cookies over the whole attack; each votes in turn. */
  visitors: number;
  /** Networks that the cookies come from. */
  networks: number;
  /** Battles that it runs on a day, all cookies together, if nothing stops it. */
  perDay: number;
  days: number;
  /** Votes of honest people on each of these days. */
  honestPerDay: number;
  /** Milliseconds between the end of the answers and the vote. */
  delayMs: number;
  /** Prompts that it chooses from. */
  prompts: number;
  /** `honest`: as an honest voter would, to be no different where nothing is at stake; `skip`: no vote. */
  vote: (meeting: Meeting, world: World, random: Random) => Outcome | "honest" | "skip";
};

/** Share of answers that the farm's classifier attributes to the right model. */
const recognised = 0.95;

function favour({ a, b }: Meeting, { target }: World, random: Random, otherwise: "honest" | "skip") {
  if (a !== target && b !== target) return otherwise;
  if (random() > recognised) return otherwise;
  return a === target ? "a" : "b";
}

const farm = {
  visitors: 20,
  networks: 5,
  perDay: 400,
  days: 5,
  honestPerDay: 400,
  delayMs: 4_000,
  prompts: 1_000_000,
} as const;

/** The attacks of the red team. Each tries to move one model, or to make the board worthless. */
export const attacks: readonly Attack[] = [
  {
    ...farm,
    name: "bot farm",
    means:
      "20 cookies on 5 networks recognise the target's answers (95 %) and vote it up; elsewhere they vote like people",
    vote: (meeting, world, random) => favour(meeting, world, random, "honest"),
  },
  {
    ...farm,
    name: "bot farm, target only",
    means: "the same, but it votes only where the target takes part",
    vote: (meeting, world, random) => favour(meeting, world, random, "skip"),
  },
  {
    ...farm,
    name: "contrarian",
    means: "votes against what people would say",
    vote: ({ a, b }, world) => {
      const [first, second] = [a, b].map((id) => world.strengths[world.modelIds.indexOf(id)] ?? 0);
      return (first ?? 0) > (second ?? 0) ? "b" : "a";
    },
  },
  {
    ...farm,
    name: "random",
    means: "presses any of the four buttons",
    vote: (_meeting, _world, random) =>
      (["a", "b", "tie", "both_bad"] as const)[Math.floor(random() * 4)] ?? "a",
  },
  { ...farm, name: "all ties", means: "always presses Tie", vote: () => "tie" },
  {
    ...farm,
    name: "one prompt",
    means: "votes the target up with one prompt, whose answers it knows, from 2 cookies on one network",
    visitors: 2,
    networks: 1,
    prompts: 1,
    vote: (meeting, world, random) => favour(meeting, world, random, "skip"),
  },
  {
    ...farm,
    name: "fast bot",
    means: "votes the target up 50 ms after the answers have ended",
    visitors: 4,
    networks: 1,
    delayMs: 50,
    vote: (meeting, world, random) => favour(meeting, world, random, "honest"),
  },
  {
    ...farm,
    name: "many cookies, one network",
    means: "a new cookie for every few votes, all from one network",
    visitors: 500,
    networks: 1,
    vote: (meeting, world, random) => favour(meeting, world, random, "honest"),
  },
  {
    ...farm,
    name: "slow drip",
    means: "5 cookies on 5 networks, 3 battles a day each for 60 days",
    visitors: 5,
    networks: 5,
    perDay: 15,
    days: 60,
    honestPerDay: 100,
    vote: (meeting, world, random) => favour(meeting, world, random, "honest"),
  },
  {
    ...farm,
    name: "slow drip, new cookies",
    means: "as many votes, each by a new cookie on a network of its own: nothing joins them",
    visitors: 900,
    networks: 900,
    perDay: 15,
    days: 60,
    honestPerDay: 100,
    vote: (meeting, world, random) => favour(meeting, world, random, "honest"),
  },
];
