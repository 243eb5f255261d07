/**
 * Whether a worker's models and contexts fit into memory, decided before anything is loaded: a process that runs out
 * of memory later is killed without a word. Pure: what is needed and what is there are arguments.
 */

export type Memory = { ramBytes: number; vramBytes: number };

export type MemoryRoom = Memory & {
  /** True: the processor and the GPU share one memory, of `ramBytes`. */
  isUnified: boolean;
};

/** One way to load everything. */
export type Placement = {
  /** Tokens of a slot, for each model. */
  contextLengths: readonly number[];
  /** Where the layers go: all on the GPU, as many as fit, so many, or none. */
  layers: "max" | "auto" | number;
};

export type MemoryNeed = Memory & { weightBytes: number; contextBytes: number };

export type Fit =
  | { kind: "fits"; placement: Placement; need: MemoryNeed }
  /** Not even the last, smallest placement fits. */
  | { kind: "short"; placement: Placement; need: MemoryNeed };

/** Below this a context is of little use; a model that was trained for less has its own length. */
const leastContextLength = 2048;

/**
 * From the best to the smallest: on the GPU before half on it, long contexts before short ones. What was asked for is
 * not changed.
 */
export function placements(options: {
  /** Null: chosen here, at most `trainedLengths`. */
  contextLength: number | null;
  trainedLengths: readonly number[];
  isGpu: boolean;
  layers: "auto" | "max" | number;
}): Placement[] {
  const { contextLength, trainedLengths, isGpu, layers } = options;
  const lengths =
    contextLength === null
      ? halved(trainedLengths)
      : [trainedLengths.map((trained) => Math.min(contextLength, trained))];
  const places: readonly Placement["layers"][] = !isGpu
    ? [0]
    : layers === "auto"
      ? ["max", "auto"]
      : [layers];
  return places.flatMap((place) => lengths.map((contextLengths) => ({ contextLengths, layers: place })));
}

/** The first placement that fits; `needOf` is asked for one after the other, as an answer takes some milliseconds. */
export async function chooseFit(
  candidates: readonly Placement[],
  needOf: (placement: Placement) => Promise<MemoryNeed>,
  room: MemoryRoom,
): Promise<Fit> {
  let last: Fit | null = null;
  for (const placement of candidates) {
    const need = await needOf(placement);
    if (isWithin(need, room, placement.layers === "auto")) return { kind: "fits", placement, need };
    last = { kind: "short", placement, need };
  }
  if (last === null) throw new Error("There is no placement to choose from.");
  return last;
}

/** What is needed, what is there, and what to change, in one sentence without its full stop. */
export function shortageText(
  { need, placement }: Extract<Fit, { kind: "short" }>,
  room: MemoryRoom,
  slots: number,
): string {
  const isSplit = placement.layers === "auto" || room.isUnified;
  const isVramShort = !isSplit && need.vramBytes > room.vramBytes;
  const needed = isSplit ? need.ramBytes + need.vramBytes : isVramShort ? need.vramBytes : need.ramBytes;
  const there = room.isUnified
    ? room.ramBytes
    : isSplit
      ? room.ramBytes + room.vramBytes
      : isVramShort
        ? room.vramBytes
        : room.ramBytes;
  const where = isVramShort ? "GPU memory" : isSplit && !room.isUnified ? "memory and GPU memory" : "memory";
  const tokens = [...new Set(placement.contextLengths)].join(" and ");
  const change = ["fewer --slots", "a shorter --context", "a smaller --kv-type"];
  if (isVramShort) change.push("fewer --gpu-layers");
  return (
    `not enough ${where}: ${inGibibytes(needed)} are needed (weights ${inGibibytes(need.weightBytes)}, contexts of ` +
    `${slots} slots with ${tokens} tokens each ${inGibibytes(need.contextBytes)}) and ${inGibibytes(there)} are ` +
    `free; use ${change.join(", ")} or a file of a smaller quantisation`
  );
}

function isWithin(need: Memory, room: MemoryRoom, isSplit: boolean): boolean {
  if (room.isUnified) return need.ramBytes + need.vramBytes <= room.ramBytes;
  if (isSplit) return need.ramBytes + need.vramBytes <= room.ramBytes + room.vramBytes;
  return need.ramBytes <= room.ramBytes && need.vramBytes <= room.vramBytes;
}

/** The trained lengths, half of them, a quarter …: each model's own down to `leastContextLength`. */
function halved(trained: readonly number[]): number[][] {
  const all = [[...trained]];
  for (let divisor = 2; ; divisor *= 2) {
    const lengths = trained.map((length) =>
      Math.max(Math.floor(length / divisor), Math.min(length, leastContextLength)),
    );
    const before = all.at(-1) ?? [];
    if (lengths.every((length, index) => length === before[index])) return all;
    all.push(lengths);
  }
}

function inGibibytes(bytes: number): string {
  const gibibytes = Math.max(bytes, 0) / 1024 ** 3;
  return gibibytes < 0.1 ? `${Math.ceil(gibibytes * 1024)} MiB` : `${gibibytes.toFixed(1)} GiB`;
}
