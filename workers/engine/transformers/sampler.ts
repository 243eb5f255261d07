/** Draws tokens from logits. The library's own sampler knows no seed, so that the same request could not be repeated. */

export type SamplerSettings = {
  /** 0: the most likely token. */
  temperature: number;
  /** 0: all tokens. */
  topK: number;
  topP: number;
  minP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  /** 1: none. */
  repeatPenalty: number;
  /** Added to the logits before anything else. */
  bias: ReadonlyMap<number, number>;
};

/**
 * One token. The order is llama.cpp's: bias, penalties, top-k, top-p, min-p, temperature. `logits`: one for each token
 * of the vocabulary, not changed. `counts`: how often each token is in the answer so far. `random`: 0 ≤ value < 1, called
 * once at most.
 */
export function sampleToken(
  logits: Float32Array,
  settings: SamplerSettings,
  counts: ReadonlyMap<number, number>,
  random: () => number,
): number {
  const adjusted = adjust(logits, settings, counts);
  if (settings.temperature === 0) return indexOfMax(adjusted);
  const { tokens, isSorted } = candidates(adjusted, settings);
  const kept = isSorted ? cutTail(adjusted, tokens, settings) : tokens;
  return draw(adjusted, kept, settings.temperature, random());
}

function adjust(
  logits: Float32Array,
  settings: SamplerSettings,
  counts: ReadonlyMap<number, number>,
): Float32Array {
  const { bias, repeatPenalty, frequencyPenalty, presencePenalty } = settings;
  const isPenalised =
    counts.size > 0 && (repeatPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0);
  if (bias.size === 0 && !isPenalised) return logits;
  const adjusted = logits.slice();
  for (const [token, value] of bias) adjusted[token] = (adjusted[token] ?? 0) + value;
  if (!isPenalised) return adjusted;
  for (const [token, count] of counts) {
    const logit = adjusted[token] ?? 0;
    // Source: CTRL (Keskar et al. 2019), with llama.cpp's turn of it for negative logits.
    const repeated = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty;
    adjusted[token] = repeated - count * frequencyPenalty - presencePenalty;
  }
  return adjusted;
}

/** The first of the highest values. */
function indexOfMax(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  }
  return best;
}

/** The tokens that top-k leaves, best first where something needs the order. */
function candidates(
  logits: Float32Array,
  { topK, topP, minP }: SamplerSettings,
): { tokens: ArrayLike<number>; isSorted: boolean } {
  if (topK > 0 && topK < logits.length) return { tokens: topTokens(logits, topK), isSorted: true };
  const all = Uint32Array.from(logits, (_, token) => token);
  if (topP >= 1 && minP <= 0) return { tokens: all, isSorted: false };
  return { tokens: all.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b), isSorted: true };
}

/** The `count` best tokens, best first; of equal ones the lower ids. A heap, since a vocabulary has 100,000 tokens and more. */
export function topTokens(logits: Float32Array, count: number): number[] {
  // The worst of the kept ones is at the root.
  const heap: number[] = [];
  const isWorse = (a: number, b: number): boolean => {
    const difference = (logits[a] ?? 0) - (logits[b] ?? 0);
    return difference < 0 || (difference === 0 && a > b);
  };
  const sink = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const isRight = right < heap.length && isWorse(heap[right] ?? 0, heap[left] ?? 0);
      const worst = isRight ? right : left;
      if (!isWorse(heap[worst] ?? 0, heap[at] ?? 0)) return;
      swap(heap, at, worst);
      at = worst;
    }
  };
  for (let token = 0; token < logits.length; token++) {
    if (heap.length < count) {
      heap.push(token);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!isWorse(heap[at] ?? 0, heap[parent] ?? 0)) break;
        swap(heap, at, parent);
        at = parent;
      }
    } else if (isWorse(heap[0] ?? 0, token)) {
      heap[0] = token;
      sink();
    }
  }
  return heap.sort((a, b) => (isWorse(a, b) ? 1 : -1));
}

function swap(values: number[], a: number, b: number): void {
  const value = values[a] ?? 0;
  values[a] = values[b] ?? 0;
  values[b] = value;
}

/** top-p and min-p over tokens that stand best first; at least one stays. */
function cutTail(
  logits: Float32Array,
  tokens: ArrayLike<number>,
  { topP, minP }: SamplerSettings,
): ArrayLike<number> {
  const best = logits[tokens[0] ?? 0] ?? 0;
  const weights = Float64Array.from(tokens, (token) => Math.exp((logits[token] ?? 0) - best));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let count = 0;
  let mass = 0;
  for (const weight of weights) {
    // The best one's weight is 1, so min-p compares with it directly.
    if (count > 0 && (mass >= topP * sum || weight < minP)) break;
    mass += weight;
    count++;
  }
  return Array.prototype.slice.call(tokens, 0, count) as number[];
}

function draw(logits: Float32Array, tokens: ArrayLike<number>, temperature: number, point: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < tokens.length; index++) {
    best = Math.max(best, logits[tokens[index] ?? 0] ?? best);
  }
  const weights = Float64Array.from(tokens, (token) => Math.exp(((logits[token] ?? 0) - best) / temperature));
  let left = point * weights.reduce((total, weight) => total + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return tokens[index] ?? 0;
  }
  // Rounding can leave a rest: the last token that has any weight.
  return tokens[weights.findLastIndex((weight) => weight > 0)] ?? 0;
}
