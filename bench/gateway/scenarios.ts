import type { Contestant, ContestantName } from "./contestants";
import { closedLoop, slowStreams } from "./load";
import { type Summary, summarize } from "./summary";

/** What is asked for; `slow…` are streams of 20 tokens a second. */
export const scenarios = {
  "whole-1": { title: "Whole answers, 1 connection", connections: 1, isStream: false },
  "whole-32": { title: "Whole answers, 32 connections", connections: 32, isStream: false },
  "stream-1": { title: "Streams, 1 connection", connections: 1, isStream: true },
  "stream-32": { title: "Streams, 32 connections", connections: 32, isStream: true },
  "slow-500": { title: "500 slow streams", streams: 500, rounds: 1 },
  "slow-2000": { title: "2,000 slow streams", streams: 2000, rounds: 1 },
} as const;
export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as [ScenarioName, ...ScenarioName[]];

export type RunOptions = {
  scenarios: readonly ScenarioName[];
  contestants: readonly Contestant[];
  rounds: number;
  /** Of one measurement with a closed loop. */
  seconds: number;
  /** How long a slow stream takes. */
  streamSeconds: number;
  signal: AbortSignal;
  /** Called after each measurement. */
  onMeasured: (scenario: ScenarioName, contestant: ContestantName, summary: Summary) => void;
};

/** Of each scenario, the contestants' rounds in the order in which they were measured. */
export type Results = Partial<Record<ScenarioName, Partial<Record<ContestantName, Summary[]>>>>;

const answerTokens = 64;
const tokensPerSecond = 20;
/** Enough for the compiler to have optimized the hot path of all. */
const warmUp = { mostRequests: 12_000, seconds: 12 };
/** More than any measurement asks for, so that no two share a seed. */
const seedStep = 1_000_000;
const rampMs = 2_000;
const ask = { set: "mixed", timeoutMs: 30_000 } as const;

/** Contestants take turns within each round (A B C, A B C, …), so that whatever else the machine does falls on all of them. */
export async function runScenarios(options: RunOptions): Promise<Results> {
  const { contestants, onMeasured } = options;
  const results: Results = {};
  for (const name of options.scenarios) {
    const scenario = scenarios[name];
    const byName: Partial<Record<ContestantName, Summary[]>> = {};
    results[name] = byName;
    const rounds = "rounds" in scenario ? Math.min(options.rounds, scenario.rounds) : options.rounds;
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) {
        const summary = await measureOnce(options, name, contestant, round);
        const taken = byName[contestant.name] ?? [];
        byName[contestant.name] = [...taken, summary];
        onMeasured(name, contestant.name, summary);
      }
    }
  }
  return results;
}

async function measureOnce(
  { seconds, streamSeconds, signal }: RunOptions,
  name: ScenarioName,
  { target, pid }: Contestant,
  round: number,
): Promise<Summary> {
  const scenario = scenarios[name];
  const subject = { target, pid, signal };
  const seed = (round + 1) * seedStep;
  if ("streams" in scenario) {
    const slow = {
      ...{ isStream: true, set: ask.set, streams: scenario.streams, rampMs, seed },
      tokens: Math.round(streamSeconds * tokensPerSecond),
      delayMs: 1000 / tokensPerSecond,
      timeoutMs: (streamSeconds * 3 + 30) * 1000,
    };
    return summarize(await slowStreams(subject, slow));
  }
  const { connections, isStream } = scenario;
  const loop = { ...ask, connections, isStream, tokens: answerTokens, delayMs: 0, seed };
  if (round === 0) await closedLoop(subject, { ...loop, ...warmUp, seed: 0 });
  return summarize(await closedLoop(subject, { ...loop, seconds }));
}
