import { createHash } from "node:crypto";
import { AppError } from "@/lib/errors";
import type { Outcome } from "@/lib/protocol";
import { type Api, askModel, servedModels } from "./ask-model";
import { passes } from "./checks";
import { inParallel } from "./in-parallel";
import type { Prompt, PromptSet } from "./prompts";
import type { StateFile } from "./state-file";
import { agreedOutcome, judgeMessages, type Message, parseVerdict, turned } from "./verdict";

/** The judge that is no model: the check beside each prompt. */
export const rulesJudge = "rules";

export type JudgeSettings = {
  models: readonly string[];
  /** A served model, or `rules`. */
  judge: string;
  concurrency: number;
  /** Longest answer. The judge may write twice as much. */
  maxTokens: number;
};

export type JudgedBattle = {
  promptId: string;
  modelA: string;
  modelB: string;
  outcome: Outcome;
};

export type JudgeRun = {
  battles: JudgedBattle[];
  /** Answers that passed their check, by model; empty where no prompt has one. */
  passed: Record<string, number>;
  /** Pairs of verdicts, and how many depended on the order. */
  verdicts: { pairs: number; swayed: number; unreadable: number };
};

export type Progress = (done: number, total: number, what: string) => void;

/**
 * Has every model answer every prompt and every pair of answers judged in both orders. What `state` holds is not asked again,
 * so that a run goes on where it was interrupted, and a newcomer joins an old one.
 *
 * Errors: `model_not_found` for a model that is not served, `invalid_request` when rules judge a prompt without a check, and
 * those of `askModel`.
 */
export async function judgeBattles(
  api: Api,
  { prompts }: PromptSet,
  settings: JudgeSettings,
  state: StateFile,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<JudgeRun> {
  const { models, judge, concurrency } = settings;
  const isRules = judge === rulesJudge;
  const unchecked = prompts.find((prompt) => prompt.check === null);
  if (isRules && unchecked !== undefined)
    throw new AppError("invalid_request", {
      message: `Prompt ${unchecked.id} has no check, which --judge rules needs.`,
    });
  const served = await servedModels(api, signal);
  const missing = [...models, ...(isRules ? [] : [judge])].find((name) => !served.includes(name));
  if (missing !== undefined)
    throw new AppError("model_not_found", { message: `The model ${missing} is not served.` });

  const questions = prompts.flatMap((prompt) => models.map((model) => ({ prompt, model })));
  let done = 0;
  await inParallel(questions, concurrency, async ({ prompt, model }) => {
    await answer(api, prompt, model, settings, state, signal);
    done += 1;
    onProgress(done, questions.length, "answers");
  });

  const pairs = prompts.flatMap((prompt) => pairsOf(prompt, models).map(([a, b]) => ({ prompt, a, b })));
  const run: JudgeRun = { battles: [], passed: {}, verdicts: { pairs: 0, swayed: 0, unreadable: 0 } };
  const answersOf = (prompt: Prompt, model: string) =>
    prompt.turns.map((_, turn) => state.get(answerKey(prompt, model, turn)) ?? "");
  const isRight = (prompt: Prompt, model: string) =>
    prompt.check !== null && passes(prompt.check, answersOf(prompt, model).at(-1) ?? "");
  for (const model of models) {
    if (!prompts.some((prompt) => prompt.check !== null)) break;
    run.passed[model] = prompts.filter((prompt) => isRight(prompt, model)).length;
  }
  if (isRules) {
    run.battles = pairs.map(({ prompt, a, b }) => {
      const outcome = byRules(isRight(prompt, a), isRight(prompt, b));
      return { promptId: prompt.id, modelA: a, modelB: b, outcome };
    });
    return run;
  }

  done = 0;
  const verdictKey = (prompt: Prompt, first: string, second: string) =>
    JSON.stringify(["verdict", prompt.id, first, second]);
  const orders = pairs.flatMap(({ prompt, a, b }) => [
    { prompt, first: a, second: b },
    { prompt, first: b, second: a },
  ]);
  await inParallel(orders, concurrency, async ({ prompt, first, second }) => {
    const key = verdictKey(prompt, first, second);
    if (state.get(key) === undefined) {
      const messages = judgeMessages(prompt, answersOf(prompt, first), answersOf(prompt, second));
      const text = await askModel(api, { model: judge, messages, maxTokens: 2 * settings.maxTokens }, signal);
      await state.set(key, text);
    }
    done += 1;
    onProgress(done, orders.length, "verdicts");
  });
  for (const { prompt, a, b } of pairs) {
    const inOrder = parseVerdict(state.get(verdictKey(prompt, a, b)) ?? "");
    const swapped = parseVerdict(state.get(verdictKey(prompt, b, a)) ?? "");
    if (inOrder === null || swapped === null) {
      run.verdicts.unreadable += 1;
      continue;
    }
    run.verdicts.pairs += 1;
    if (inOrder !== turned(swapped)) run.verdicts.swayed += 1;
    run.battles.push({ promptId: prompt.id, modelA: a, modelB: b, outcome: agreedOutcome(inOrder, swapped) });
  }
  return run;
}

async function answer(
  api: Api,
  prompt: Prompt,
  model: string,
  { maxTokens }: JudgeSettings,
  state: StateFile,
  signal: AbortSignal,
): Promise<void> {
  const messages: Message[] = prompt.system === null ? [] : [{ role: "system", content: prompt.system }];
  for (const [turn, content] of prompt.turns.entries()) {
    messages.push({ role: "user", content });
    const key = answerKey(prompt, model, turn);
    if (state.get(key) === undefined)
      await state.set(key, await askModel(api, { model, messages, maxTokens }, signal));
    messages.push({ role: "assistant", content: state.get(key) ?? "" });
  }
}

function answerKey(prompt: Prompt, model: string, turn: number): string {
  return JSON.stringify(["answer", prompt.id, model, turn]);
}

/** Every pair of models, its sides dealt by a hash of prompt and names, so that a later run deals them alike. */
function pairsOf(prompt: Prompt, models: readonly string[]): [string, string][] {
  const sorted = [...models].sort();
  return sorted.flatMap((low, at) =>
    sorted.slice(at + 1).map((high): [string, string] => {
      const byte =
        createHash("sha256")
          .update(JSON.stringify([prompt.id, low, high]))
          .digest()[0] ?? 0;
      return byte % 2 === 0 ? [low, high] : [high, low];
    }),
  );
}

function byRules(isARight: boolean, isBRight: boolean): Outcome {
  if (isARight) return isBRight ? "tie" : "a";
  return isBRight ? "b" : "both_bad";
}
