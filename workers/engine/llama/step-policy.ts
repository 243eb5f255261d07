/**
 * What one step of the scheduler decodes: a pure function of what the slots hold.
 *
 * Every running answer gets its one token in every step. What remains of the step's size goes to prompts, whole where it
 * can: equal shares would make all of them late, and llama.cpp takes as many tokens of each sequence in a pass as the
 * shortest share has, so that every further share costs a further pass. Items come in ascending slot ids, because
 * llama.cpp joins tokens of several sequences into one pass only when their ids ascend without gaps.
 */

export type SlotView = {
  id: number;
  /** Prompt tokens that are still to be evaluated; 0: the slot generates. */
  promptLeft: number;
  /** Prompt tokens that the scheduler had evaluated in all when this slot got its job: the clock by which prompts age. */
  arrivedAt: number;
  /** Step in which this slot was last given work, or got its job; the longest-waiting one goes first when not all fit. */
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

/** A prompt that was passed over in this many steps is overdue: one such prompt a step gets a part of it. */
export const maxPassedOver = 32;
/** The part of a step's prompt tokens that an overdue prompt gets. */
const overduePart = 1 / 4;

/** `step`: the number of this one, on the scale of `lastStep`. */
export function planStep(slots: readonly SlotView[], limits: StepLimits, step: number): StepItem[] {
  const answering = oldestFirst(slots.filter((slot) => slot.promptLeft === 0)).slice(0, limits.batchTokens);
  const reading = slots.filter((slot) => slot.promptLeft > 0);
  const room = limits.batchTokens - answering.length;
  const budget = answering.length === 0 ? room : Math.min(room, limits.promptTokensBesideAnswers);
  const items = [
    ...answering.map((slot) => ({ id: slot.id, promptTokens: 0 })),
    ...sharePrompt(reading, Math.max(budget, 0), step),
  ];
  return items.sort((a, b) => a.id - b.id);
}

/**
 * The prompt with the least left goes first, which gives the least mean time to the first token, and prompts age: a newcomer
 * overtakes only while the prompt tokens evaluated since the other's arrival are fewer than it is shorter by. So nobody is
 * overtaken for longer than its own length of work, and of two equally long ones the first to arrive goes first.
 */
function sharePrompt(reading: readonly SlotView[], budget: number, step: number): StepItem[] {
  const shares = new Map<number, number>();
  let left = budget;
  const give = (slot: SlotView, most: number): void => {
    const before = shares.get(slot.id) ?? 0;
    const share = Math.min(slot.promptLeft - before, most);
    if (share <= 0) return;
    shares.set(slot.id, before + share);
    left -= share;
  };
  const [longestWaiting] = oldestFirst(reading);
  if (longestWaiting !== undefined && step - longestWaiting.lastStep > maxPassedOver) {
    give(longestWaiting, Math.min(left, Math.max(1, Math.floor(budget * overduePart))));
  }
  for (const slot of [...reading].sort(byTurn)) give(slot, left);
  return [...shares].map(([id, promptTokens]) => ({ id, promptTokens }));
}

function byTurn(a: SlotView, b: SlotView): number {
  return (
    a.arrivedAt + a.promptLeft - (b.arrivedAt + b.promptLeft) || a.arrivedAt - b.arrivedAt || a.id - b.id
  );
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
 * are read: a pass takes as many tokens of each sequence as the shortest has. Source: `llama_batch_allocr::split_equal`. Nor more
 * than the decode has room for, as the rest would become a decode of its own.
 */
export function chooseFillers(
  items: readonly StepItem[],
  idle: ReadonlySet<number>,
  batchTokens: number,
): number[] {
  if (items.filter(({ promptTokens }) => promptTokens > 1).length > 1) return [];
  const room = batchTokens - items.reduce((sum, { promptTokens }) => sum + Math.max(1, promptTokens), 0);
  const ids = items.map(({ id }) => id);
  return ids
    .slice(1)
    .map((id, index) => ({ gap: id - 1, before: ids[index] ?? id }))
    .filter(({ gap, before }) => gap - before === 1 && idle.has(gap))
    .map(({ gap }) => gap)
    .slice(0, room);
}
