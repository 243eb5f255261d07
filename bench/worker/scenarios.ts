import { availableParallelism } from "node:os";
import { figure, markdownTable, median, quantile } from "../stats";
import type { Contestant, ContestantOptions, Task } from "./contestant";
import { engineContestant } from "./engine-contestant";
import { llamaServerContestant, workerContestant } from "./http-contestants";
import { chatSessionContestant, evaluateContestant } from "./library-contestants";
import { equalTasks, type LoadResult, mixedTasks, promptOf, runLoad, runPrefill } from "./load";
import type { BenchOptions, ContestantName } from "./options";

type Print = (text: string) => void;
type Load = { name: string; concurrency: number; staggerMs: number; tasks(seed: number): Task[] };

/** Runs the scenarios that were asked for and prints a table for each. */
export async function runScenarios(options: BenchOptions, print: Print): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  if (options.scenarios.includes("threads")) results["threads"] = await compareThreads(options, print);
  const scenarios = options.scenarios.filter((name) => name !== "threads");
  if (scenarios.length === 0) return results;
  const contestants: Contestant[] = [];
  try {
    for (const name of options.contestants) contestants.push(await open(name, options, options.threads));
    const tokensPerWord = await measureTokensPerWord(contestants[0]);
    for (const load of loads(options, tokensPerWord)) {
      results[load.name] = await compare(contestants, load, options.rounds, print);
    }
    if (scenarios.includes("prefill")) {
      results["prefill"] = await comparePrefill(contestants, options, tokensPerWord, print);
    }
  } finally {
    for (const contestant of contestants) await contestant.dispose();
  }
  return results;
}

function open(name: ContestantName, options: BenchOptions, threads: number | null): Promise<Contestant> {
  const { model, slots, contextLength, gpu, llamaServer } = options;
  const each: ContestantOptions = { model, slots, contextLength, threads, gpu };
  switch (name) {
    case "chat":
      return chatSessionContestant(each);
    case "evaluate":
      return evaluateContestant(each);
    case "engine":
      return engineContestant(each);
    case "worker":
      return workerContestant(each);
    case "llama-server":
      return llamaServerContestant(each, llamaServer ?? "llama-server");
  }
}

function loads(options: BenchOptions, tokensPerWord: number): Load[] {
  const { scenarios, parallel, slots, tokens, promptTokens, requests } = options;
  const steady: Load[] = parallel.map((count) => ({
    name: `steady, ${count} at once`,
    concurrency: count,
    staggerMs: 0,
    tasks: (seed) => equalTasks(count, promptTokens, tokens, seed, tokensPerWord),
  }));
  const mixed: Load = {
    name: "mixed",
    concurrency: slots,
    staggerMs: 60,
    tasks: (seed) => mixedTasks(requests, 1000, seed, tokensPerWord),
  };
  const gaps: Load = {
    name: "gaps",
    concurrency: Math.max(1, Math.ceil(slots * 0.6)),
    staggerMs: 60,
    tasks: (seed) => mixedTasks(requests, 64, seed, tokensPerWord),
  };
  return [
    ...(scenarios.includes("steady") ? steady : []),
    ...(scenarios.includes("mixed") ? [mixed] : []),
    ...(scenarios.includes("gaps") ? [gaps] : []),
  ];
}

/** The contestants take turns in each round, so that what else the machine does meets all of them. */
async function compare(contestants: readonly Contestant[], load: Load, rounds: number, print: Print) {
  const results = new Map<Contestant, LoadResult[]>(contestants.map((contestant) => [contestant, []]));
  // Round 0 warms up, with a part of the load.
  for (let round = 0; round <= rounds; round++) {
    const tasks = load.tasks(round + 1);
    for (const contestant of contestants) {
      const share = round === 0 ? tasks.slice(0, load.concurrency) : tasks;
      const result = await runLoad(contestant, share, load.concurrency, load.staggerMs);
      if (round > 0) results.get(contestant)?.push(result);
    }
  }
  const medianOf = (contestant: Contestant, pick: (result: LoadResult) => number | null): number =>
    median((results.get(contestant) ?? []).map((result) => pick(result) ?? Number.NaN));
  const first = contestants[0];
  const base = first === undefined ? Number.NaN : medianOf(first, (result) => result.tokensPerSecond);
  const rows = contestants.map((contestant) => {
    const speed = medianOf(contestant, (result) => result.tokensPerSecond);
    return [
      contestant.name,
      figure(speed),
      figure(speed / base),
      figure(medianOf(contestant, (result) => result.promptTokensPerSecond)),
      figure(medianOf(contestant, (result) => result.firstPieceMs)),
      figure(medianOf(contestant, (result) => result.processorMsPerToken)),
      figure(medianOf(contestant, (result) => result.busySlotShare)),
    ];
  });
  const head = [
    "",
    "tokens/s",
    "ratio",
    "prompt tokens/s",
    "TTFT p50, ms",
    "CPU ms a token",
    "busy slots a step",
  ];
  print(`\n**${load.name}**, medians of ${rounds} rounds\n\n${markdownTable(head, rows)}`);
  return Object.fromEntries(contestants.map((contestant) => [contestant.name, results.get(contestant)]));
}

const longPromptTokens = 1500;

async function comparePrefill(
  contestants: readonly Contestant[],
  { slots, rounds }: BenchOptions,
  tokensPerWord: number,
  print: Print,
) {
  const streams = Math.min(4, slots - 1);
  const results: Record<string, { calmMs: number[]; duringMs: number[]; prefillMs: number[] }> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const tasks = equalTasks(streams, 32, 256, round + 100, tokensPerWord);
      const long = { prompt: promptOf(longPromptTokens, round + 900_000, tokensPerWord), tokens: 8 };
      const run = await runPrefill(contestant, tasks, long);
      results[contestant.name] ??= { calmMs: [], duringMs: [], prefillMs: [] };
      const all = results[contestant.name];
      all?.calmMs.push(...run.calmMs);
      all?.duringMs.push(...run.duringMs);
      all?.prefillMs.push(run.prefillMs);
    }
  }
  const rows = Object.entries(results).map(([name, { calmMs, duringMs, prefillMs }]) => [
    name,
    figure(median(prefillMs)),
    figure(median(calmMs)),
    figure(median(duringMs)),
    figure(quantile(duringMs, 0.99)),
    figure(quantile(duringMs, 0.99) / median(duringMs)),
    figure(Math.max(...duringMs)),
  ]);
  const head = [
    "",
    "prefill, ms",
    "calm p50, ms",
    "during p50, ms",
    "during p99, ms",
    "p99 / p50",
    "longest, ms",
  ];
  print(
    `\n**prefill**: gaps between tokens of ${streams} streams while a prompt of about ${longPromptTokens} tokens is evaluated, ${rounds} rounds\n\n${markdownTable(head, rows)}`,
  );
  return results;
}

/** Each fixed number of threads, and null for calibration, one after the other: two models at once would share the cores. */
async function compareThreads(options: BenchOptions, print: Print) {
  const cores = availableParallelism();
  const counts: (number | null)[] = [null];
  for (let threads = 1; threads < cores; threads *= 2) counts.push(threads);
  counts.push(cores);
  const speeds = new Map<number | null, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const threads of counts) {
      const contestant = await open("engine", options, threads);
      try {
        const tasks = equalTasks(4, 32, options.tokens, round + 1, 1.3);
        await runLoad(contestant, tasks.slice(0, 1), 1, 0);
        speeds.get(threads)?.push((await runLoad(contestant, tasks, 4, 0)).tokensPerSecond);
      } finally {
        await contestant.dispose();
      }
    }
  }
  const best = Math.max(
    ...counts.filter((count) => count !== null).map((count) => median(speeds.get(count) ?? [])),
  );
  const rows = counts.map((count) => {
    const speed = median(speeds.get(count) ?? []);
    return [count === null ? "calibrated" : String(count), figure(speed), figure(speed / best)];
  });
  print(
    `\n**threads**, 4 at once, medians of ${options.rounds} rounds\n\n${markdownTable(["threads", "tokens/s", "of the best fixed"], rows)}`,
  );
  return Object.fromEntries([...speeds].map(([count, values]) => [String(count ?? "calibrated"), values]));
}

async function measureTokensPerWord(contestant: Contestant | undefined): Promise<number> {
  if (contestant === undefined) throw new Error("There is no contestant.");
  const wordCount = 100;
  const { promptTokens } = await contestant.answer({ prompt: promptOf(wordCount + 12, 1, 1), tokens: 4 });
  return Math.max(0.5, (promptTokens - 12) / wordCount);
}
