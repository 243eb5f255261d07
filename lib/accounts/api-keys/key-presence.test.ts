import { describe, expect, it } from "vitest";
import { createKeyPresence } from "./key-presence";

/** A database that answers in turn; an error is thrown. */
function presence(...answers: (boolean | Error)[]) {
  const failures: unknown[] = [];
  let looks = 0;
  const { hasKeys, look } = createKeyPresence(
    async () => {
      looks += 1;
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      if (answer === undefined) throw new Error("It was asked too often.");
      return answer;
    },
    (error) => failures.push(error),
  );
  return { hasKeys, look, failures, looks: () => looks };
}

describe("whether there are keys", () => {
  it("is taken for so until the database has been asked", async () => {
    const { hasKeys, look } = presence(false);
    expect(hasKeys()).toBe(true);
    await look();
    expect(hasKeys()).toBe(false);
  });

  it("is asked with each change until there is one, and never again", async () => {
    const { hasKeys, look, looks } = presence(false, false, true);
    for (let times = 0; times < 5; times += 1) await look();
    expect(hasKeys()).toBe(true);
    expect(looks()).toBe(3);
  });

  it("stays found, though a look that began before the first key ends last", async () => {
    const ends: ((isAny: boolean) => void)[] = [];
    const { hasKeys, look } = createKeyPresence(
      () => new Promise((resolve) => ends.push(resolve)),
      () => undefined,
    );
    const looks = [look(), look()];
    ends[1]?.(true);
    await looks[1];
    ends[0]?.(false);
    await looks[0];
    expect(hasKeys()).toBe(true);
  });

  it("stays as it was while the database cannot be asked", async () => {
    const { hasKeys, look, failures } = presence(new Error("away"), false, new Error("away"));
    await look();
    expect(hasKeys()).toBe(true);
    await look();
    expect(hasKeys()).toBe(false);
    await look();
    expect(hasKeys()).toBe(false);
    expect(failures).toHaveLength(2);
  });
});
