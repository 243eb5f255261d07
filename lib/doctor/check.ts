/** What one look at the site has found. */
export type Finding = {
  /** What was looked at. */
  what: string;
  /** bad: the site does not run so; note: it runs, and something should be done; skipped: nothing to look at. */
  state: "good" | "note" | "bad" | "skipped";
  /** What was found, with the number or the name that tells it. */
  found: string;
  /** What to do; absent where all is well. */
  advice?: string;
};

export type Check = () => Promise<Finding[]>;

/** Runs a check; one that fails itself is a finding too. */
export async function examine(what: string, check: Check): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [{ what, state: "bad", found, advice: "Mend what it says, and look again." }];
  }
}
