/** How many lines are named for each reason. */
const namedLines = 20;

export type Fault = { reason: string; count: number; lines: number[] };

/** Counts what is wrong with a file, by reason, with the first lines of each. */
export class Faults {
  readonly #byReason = new Map<string, Fault>();

  add(reason: string, line: number): void {
    this.addMany(reason, [line], 1);
  }

  /** `count` records with the same fault, of which `lines` are known. */
  addMany(reason: string, lines: readonly number[], count: number): void {
    if (count === 0) return;
    const fault = this.#byReason.get(reason) ?? { reason, count: 0, lines: [] };
    fault.count += count;
    fault.lines.push(...lines.slice(0, namedLines - fault.lines.length));
    this.#byReason.set(reason, fault);
  }

  get total(): number {
    return this.list().reduce((sum, fault) => sum + fault.count, 0);
  }

  /** Most frequent first. */
  list(): Fault[] {
    return [...this.#byReason.values()].sort((x, y) => y.count - x.count);
  }
}

/** `3 × winner: Invalid option, on lines 4, 9 and 12`. */
export function describeFault({ reason, count, lines }: Fault): string {
  const more = count > lines.length ? " …" : "";
  return `${count} × ${reason}, on line${lines.length === 1 && more === "" ? "" : "s"} ${lines.join(", ")}${more}`;
}
