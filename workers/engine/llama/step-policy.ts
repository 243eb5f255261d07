/**
 * What one step of the scheduler decodes: a pure function of what the slots hold.
 *
 * Every running answer gets its one token in every step. What remains of the step's size goes to prompts in chunks,
 * in equal shares, so that a long prompt neither freezes the answers nor starves a short one. Items come in ascending
 * slot ids, because llama.cpp joins tokens of several sequences into one pass only when their ids ascend without gaps.
 */

export type SlotView = {
  id: number;
  /** Prompt tokens that are still to be evaluated; 0: the slot generates. */
  promptLeft: number;
  /** Step in which this slot was last given work; the longest-waiting one goes first when not all fit. */
  lastStep: number;
};

export type StepItem = {
  id: number;
  /** Prompt tokens to evaluate; 0: one generated token. */
  promptTokens: number;
};

export type StepLimits = {
  /** Tokens that one decode takes. */
  batchTokens: number;
  /** Prompt tokens in a step while answers are running. */
  promptTokensBesideAnswers: number;
};

export function planStep(slots: readonly SlotView[], limits: StepLimits): StepItem[] {
  const answering = oldestFirst(slots.filter((slot) => slot.promptLeft === 0)).slice(0, limits.batchTokens);
  const reading = oldestFirst(slots.filter((slot) => slot.promptLeft > 0));
  const room = limits.batchTokens - answering.length;
  const budget = answering.length === 0 ? room : Math.min(room, limits.promptTokensBesideAnswers);
  const items = [
    ...answering.map((slot) => ({ id: slot.id, promptTokens: 0 })),
    ...sharePrompt(reading, Math.max(budget, 0)),
  ];
  return items.sort((a, b) => a.id - b.id);
}

/** Equal shares; what a short prompt leaves over goes to the longer ones. */
function sharePrompt(reading: readonly SlotView[], budget: number): StepItem[] {
  const served = reading.slice(0, budget);
  const shares = new Map<number, number>();
  let left = budget;
  for (const [index, slot] of [...served].sort((a, b) => a.promptLeft - b.promptLeft).entries()) {
    const share = Math.min(slot.promptLeft, Math.floor(left / (served.length - index)));
    shares.set(slot.id, share);
    left -= share;
  }
  return served.map((slot) => ({ id: slot.id, promptTokens: shares.get(slot.id) ?? 0 }));
}

function oldestFirst(slots: readonly SlotView[]): SlotView[] {
  return [...slots].sort((a, b) => a.lastStep - b.lastStep || a.id - b.id);
}

export type FreeSlot = {
  id: number;
  /** Leading tokens of the prompt that the slot's state already holds. */
  commonPrefix: number;
};

/** Fewer saved prompt tokens than this do not pay for a gap in the ids. */
export const minPrefixGain = 32;

/** The lowest free id, unless another slot saves clearly more of the prompt. Null when none is free. */
export function chooseSlot(free: readonly FreeSlot[]): FreeSlot | null {
  let best: FreeSlot | null = null;
  for (const slot of [...free].sort((a, b) => a.id - b.id)) {
    if (best === null || slot.commonPrefix >= best.commonPrefix + minPrefixGain) best = slot;
  }
  return best;
}

/**
 * Idle slots that close the gaps of a step: llama.cpp takes ids that ascend without gaps in one pass, so a missing one
 * costs a whole further pass, and a wasted token in its place much less. Only gaps of one id, and only while no two prompts
 * are read: a pass takes as many tokens of each sequence as the shortest has. Source: `llama_batch_allocr::split_equal`.
 */
export function chooseFillers(items: readonly StepItem[], idle: ReadonlySet<number>): number[] {
  if (items.filter(({ promptTokens }) => promptTokens > 1).length > 1) return [];
  const ids = items.map(({ id }) => id);
  return ids
    .slice(1)
    .map((id, index) => ({ gap: id - 1, before: ids[index] ?? id }))
    .filter(({ gap, before }) => gap - before === 1 && idle.has(gap))
    .map(({ gap }) => gap);
}
