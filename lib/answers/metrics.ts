import { Counter, type Registry } from "prom-client";
import { HistogramFamily } from "@/lib/metrics";

/** Where people read answers. */
type SurfaceName = "battle" | "chat";

/** Where the answers of one model on one surface count. */
export type AnswerMetrics = {
  /** From the beginning to the first text, the line included. */
  firstText(seconds: number): void;
  /** Between two pieces of text. */
  gap(seconds: number): void;
  /** `outcome`: `finished`, `stopped`, or the code of the error. */
  end(outcome: string, seconds: number, promptTokens: number, completionTokens: number): void;
};

export type AnswerSurface = { readonly name: SurfaceName; of(model: string): AnswerMetrics };

const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const gapSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 10];

/**
 * What `lib/openai/metrics` is for programs, for the answers that people wait for in battles and chats. Only names of models that
 * the site has offered come here, so their number is bounded.
 */
export function createAnswerMetrics(registry: Registry): Readonly<Record<SurfaceName, AnswerSurface>> {
  const registers = [registry];
  const answers = new Counter({
    name: "arena_answers_total",
    help: "Answers in battles and chats, by how they ended.",
    labelNames: ["surface", "model", "outcome"],
    registers,
  });
  const tokens = new Counter({
    name: "arena_answer_tokens_total",
    help: "Tokens of the prompts and answers of battles and chats, as workers told them.",
    labelNames: ["surface", "model", "kind"],
    registers,
  });
  const firstText = new HistogramFamily({
    name: "arena_answer_first_text_seconds",
    help: "From the beginning of an answer in a battle or chat to its first text.",
    buckets: seconds,
    registry,
  });
  const gap = new HistogramFamily({
    name: "arena_answer_inter_token_seconds",
    help: "Between two pieces of an answer in a battle or chat: of most engines, two tokens.",
    buckets: gapSeconds,
    registry,
  });
  const duration = new HistogramFamily({
    name: "arena_answer_seconds",
    help: "From the beginning of an answer in a battle or chat to its end.",
    buckets: seconds,
    registry,
  });

  function surface(name: SurfaceName): AnswerSurface {
    const byModel = new Map<string, AnswerMetrics>();
    return {
      name,
      of(model) {
        const known = byModel.get(model);
        if (known !== undefined) return known;
        const labels = { surface: name, model };
        const [texts, gaps, durations] = [firstText.of(labels), gap.of(labels), duration.of(labels)];
        const made: AnswerMetrics = {
          firstText: (value) => texts.observe(value),
          gap: (value) => gaps.observe(value),
          end(outcome, value, promptTokens, completionTokens) {
            answers.inc({ ...labels, outcome });
            tokens.inc({ ...labels, kind: "prompt" }, promptTokens);
            tokens.inc({ ...labels, kind: "completion" }, completionTokens);
            durations.observe(value);
          },
        };
        byModel.set(model, made);
        return made;
      },
    };
  }
  return { battle: surface("battle"), chat: surface("chat") };
}
