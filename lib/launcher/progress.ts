export type Progress = {
  line: (text: string) => void;
  /** Runs a step and prints what it was and how long it took; `title` may depend on what came out. */
  step: <T>(title: string | ((result: T) => string), run: () => Promise<T>) => Promise<T>;
  /** Since the launcher began. */
  total: () => string;
};

export function createProgress(
  write: (text: string) => void,
  now: () => number = () => performance.now(),
): Progress {
  const begun = now();
  const line = (text: string): void => write(`${text}\n`);
  return {
    line,
    step: async (title, run) => {
      const start = now();
      const result = await run();
      line(`${(typeof title === "string" ? title : title(result)).padEnd(58)} ${seconds(now() - start)}`);
      return result;
    },
    total: () => seconds(now() - begun),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** "1 worker", "3 workers". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
