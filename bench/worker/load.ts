import { quantile, seededRandom, sum } from "../stats";
import type { Answer, Contestant, Task } from "./contestant";

/** What a contestant did with a load. */
export type LoadResult = {
  /** Generated tokens of all answers a second, from the first request to the last end. */
  tokensPerSecond: number;
  /** Prompt tokens a second, up to the last first piece; only of interest where all prompts come at once. */
  promptTokensPerSecond: number;
  firstPieceMs: number;
  /** Processor time for each generated token; null: not known. */
  processorMsPerToken: number | null;
  /** Slots that took part in a decode step over slots that had work; null: not known. */
  busySlotShare: number | null;
};

/** All tasks, at most `concurrency` at a time; the first ones start `staggerMs` apart. */
export async function runLoad(
  contestant: Contestant,
  tasks: readonly Task[],
  concurrency: number,
  staggerMs: number,
): Promise<LoadResult> {
  const left = [...tasks];
  const answers: Answer[] = [];
  const processorBefore = contestant.processorMs();
  const stepsBefore = contestant.stepStats?.();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, tasks.length) }, async (_, lane) => {
      if (staggerMs > 0) await new Promise((resolve) => setTimeout(resolve, lane * staggerMs));
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        answers.push(checked(contestant, task, await contestant.answer(task)));
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const tokens = sum(answers.map((answer) => answer.tokens));
  const processorAfter = contestant.processorMs();
  const stepsAfter = contestant.stepStats?.();
  const lastFirst = Math.max(...answers.map((answer) => answer.pieces[0] ?? Number.NaN));
  return {
    tokensPerSecond: tokens / seconds,
    promptTokensPerSecond:
      (sum(answers.map((answer) => answer.promptTokens)) * 1000) / (lastFirst - startedAt),
    firstPieceMs: quantile(
      answers.map((answer) => (answer.pieces[0] ?? Number.NaN) - answer.startedAt),
      0.5,
    ),
    processorMsPerToken:
      processorBefore === null || processorAfter === null
        ? null
        : (processorAfter - processorBefore) / tokens,
    busySlotShare:
      stepsBefore === undefined || stepsAfter === undefined
        ? null
        : (stepsAfter.slotSteps - stepsBefore.slotSteps) /
          (stepsAfter.activeSlotSteps - stepsBefore.activeSlotSteps),
  };
}

/** A contestant that says less than it was asked for would look faster than it is. */
function checked(contestant: Contestant, task: Task, answer: Answer): Answer {
  if (answer.tokens === task.tokens) return answer;
  throw new Error(`${contestant.name} gave ${answer.tokens} tokens where ${task.tokens} were asked for.`);
}

/** Gaps between the pieces of running answers while nothing else happens, and while a long prompt is evaluated. */
export async function runPrefill(
  contestant: Contestant,
  streams: readonly Task[],
  long: Task,
): Promise<{ calmMs: number[]; duringMs: number[]; prefillMs: number }> {
  let isOver = false;
  const running = streams.map(async (task) => {
    const answers: Answer[] = [];
    while (!isOver) answers.push(await contestant.answer(task));
    return answers;
  });
  const calmFrom = performance.now();
  // As long as this takes the streams are by themselves, but for its few tokens.
  await contestant.answer({ prompt: "Count.", tokens: 32 });
  const calm = [calmFrom, performance.now()] as const;
  const asked = await contestant.answer(long);
  isOver = true;
  const answers = (await Promise.all(running)).flat();
  const prefill = [asked.startedAt, asked.pieces[0] ?? asked.endedAt] as const;
  const gapsWithin = ([from, to]: readonly [number, number]): number[] =>
    answers.flatMap(({ pieces }) =>
      pieces
        .slice(1)
        .map((at, index) => ({ from: pieces[index] ?? at, to: at }))
        // The gap in which the prompt arrives and the one in which it ends belong to it.
        .filter((gap) => gap.from < to && gap.to > from)
        .map((gap) => gap.to - gap.from),
    );
  return { calmMs: gapsWithin(calm), duringMs: gapsWithin(prefill), prefillMs: prefill[1] - prefill[0] };
}

const words =
  "the a cat dog house tree river stone small big red green old new runs sits sees finds makes tells".split(
    " ",
  );

/** A prompt of about so many tokens, the template included; no two begin alike. */
export function promptOf(tokens: number, seed: number, tokensPerWord: number): string {
  const random = seededRandom(seed);
  const count = Math.max(1, Math.round((tokens - 12) / tokensPerWord));
  const text = Array.from({ length: count }, () => words[Math.floor(random() * words.length)] ?? "the");
  return `${seed} ${text.join(" ")}`;
}

/** Prompts of 16 to `longest` tokens, their logarithms spread evenly; answers of 32 to 192 tokens. */
export function mixedTasks(count: number, longest: number, seed: number, tokensPerWord: number): Task[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => ({
    prompt: promptOf(16 * (longest / 16) ** random(), seed * 1000 + index, tokensPerWord),
    tokens: 32 + Math.floor(random() * 161),
  }));
}

export function equalTasks(
  count: number,
  promptTokens: number,
  tokens: number,
  seed: number,
  tokensPerWord: number,
): Task[] {
  return Array.from({ length: count }, (_, index) => ({
    prompt: promptOf(promptTokens, seed * 1000 + index, tokensPerWord),
    tokens,
  }));
}
