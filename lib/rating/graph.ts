import { type PairTable, toPairTable } from "./pair-table";
import type { PairCounts } from "./types";

/** A partition of the models. `label[k]` is the component of model k, 0 … count − 1; `sizes` counts models. */
export type Components = {
  count: number;
  label: Int32Array;
  sizes: Int32Array;
};

/**
 * Weak components: models joined by votes, directly or through others. Scores of different components cannot be
 * compared. Numbered by their smallest model index. A model without votes is a component of its own.
 *
 * @throws RatingError `bad_counts`, `bad_argument`
 */
export function comparisonComponents(modelCount: number, pairs: readonly PairCounts[]): Components {
  return weakComponents(toPairTable(modelCount, pairs));
}

/**
 * Strong components of the graph in which i → j when i ever won against j or tied with it (a tie of either kind
 * points both ways). The Bradley–Terry maximum is finite exactly when there is one component: otherwise some group
 * never lost or tied against the rest, and nothing bounds its lead. Numbered so that a component which beat another
 * comes first (topological order).
 *
 * Source: Ford, Solution of a ranking problem from binary comparisons, Amer. Math. Monthly 64 (1957), assumption 1;
 * components by Tarjan, SIAM J. Comput. 1 (1972), without recursion.
 * @throws RatingError `bad_counts`, `bad_argument`
 */
export function dominanceComponents(modelCount: number, pairs: readonly PairCounts[]): Components {
  return strongComponents(toPairTable(modelCount, pairs));
}

export function weakComponents(table: PairTable): Components {
  const root = Int32Array.from({ length: table.modelCount }, (_, k) => k);
  const find = (model: number): number => {
    let k = model;
    while (root[k] !== k) {
      root[k] = root[root[k] as number] as number;
      k = root[k] as number;
    }
    return k;
  };
  for (let k = 0; k < table.size; k++) {
    const a = find(table.i[k] as number);
    const b = find(table.j[k] as number);
    root[Math.max(a, b)] = Math.min(a, b);
  }
  const label = new Int32Array(table.modelCount);
  let count = 0;
  for (let k = 0; k < table.modelCount; k++) {
    // The root of a component is its smallest member, so its label is there before any other member asks.
    label[k] = root[k] === k ? count++ : (label[find(k)] as number);
  }
  return { count, label, sizes: sizesOf(label, count) };
}

export function strongComponents(table: PairTable): Components {
  const m = table.modelCount;
  const { first, target } = winArrows(table);
  const order = new Int32Array(m).fill(-1);
  const low = new Int32Array(m);
  const cursor = first.slice(0, m);
  const isOpen = new Uint8Array(m);
  const open: number[] = [];
  const path: number[] = [];
  const label = new Int32Array(m);
  let visited = 0;
  let count = 0;

  const enter = (node: number): void => {
    order[node] = visited;
    low[node] = visited++;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  };

  for (let start = 0; start < m; start++) {
    if (order[start] !== -1) continue;
    enter(start);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      const edge = cursor[node] as number;
      if (edge < (first[node + 1] as number)) {
        cursor[node] = edge + 1;
        const next = target[edge] as number;
        if (order[next] === -1) enter(next);
        else if (isOpen[next] === 1) low[node] = Math.min(low[node] as number, order[next] as number);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== order[node]) continue;
      for (;;) {
        const member = open.pop() as number;
        isOpen[member] = 0;
        label[member] = count;
        if (member === node) break;
      }
      count++;
    }
  }
  // Tarjan closes a component after all that it points to, so the reverse is the order of wins.
  for (let k = 0; k < m; k++) label[k] = count - 1 - (label[k] as number);
  return { count, label, sizes: sizesOf(label, count) };
}

/** Arrows from a model to those it won against or tied with. */
export function winArrows(table: PairTable): Arrows {
  const m = table.modelCount;
  const first = new Int32Array(m + 1);
  const forEachArrow = (visit: (from: number, to: number) => void): void => {
    for (let k = 0; k < table.size; k++) {
      const i = table.i[k] as number;
      const j = table.j[k] as number;
      const hasTie = (table.tie[k] as number) + (table.bothBad[k] as number) > 0;
      if (hasTie || (table.winI[k] as number) > 0) visit(i, j);
      if (hasTie || (table.winJ[k] as number) > 0) visit(j, i);
    }
  };
  forEachArrow((from) => {
    first[from + 1] = (first[from + 1] as number) + 1;
  });
  for (let k = 0; k < m; k++) first[k + 1] = (first[k + 1] as number) + (first[k] as number);
  const target = new Int32Array(first[m] as number);
  const next = first.slice(0, m);
  forEachArrow((from, to) => {
    const slot = next[from] as number;
    target[slot] = to;
    next[from] = slot + 1;
  });
  return { first, target };
}

/** Arrows of a graph in compressed rows: node k has target[first[k]] … target[first[k + 1] − 1]. */
export type Arrows = { first: Int32Array; target: Int32Array };

/** Marks (1) every node that a path leads to from the given ones, and these themselves. */
export function reachable({ first, target }: Arrows, from: Int32Array): Uint8Array {
  const seen = new Uint8Array(first.length - 1);
  const todo = Array.from(from);
  for (const model of from) seen[model] = 1;
  for (let model = todo.pop(); model !== undefined; model = todo.pop()) {
    for (const next of target.subarray(first[model], first[model + 1])) {
      if (seen[next] === 1) continue;
      seen[next] = 1;
      todo.push(next);
    }
  }
  return seen;
}

/** The same graph with every arrow turned round. */
export function reversed({ first, target }: Arrows): Arrows {
  const back = new Int32Array(first.length);
  for (const to of target) back[to + 1] = (back[to + 1] as number) + 1;
  for (let k = 1; k < back.length; k++) back[k] = (back[k] as number) + (back[k - 1] as number);
  const next = back.slice();
  const source = new Int32Array(target.length);
  for (let from = 0; from + 1 < first.length; from++) {
    for (const to of target.subarray(first[from], first[from + 1])) {
      source[next[to] as number] = from;
      next[to] = (next[to] as number) + 1;
    }
  }
  return { first: back, target: source };
}

function sizesOf(label: Int32Array, count: number): Int32Array {
  const sizes = new Int32Array(count);
  for (const k of label) sizes[k] = (sizes[k] as number) + 1;
  return sizes;
}
