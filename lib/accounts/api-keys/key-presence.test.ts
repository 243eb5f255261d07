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

  it("is asked until there is one, and never again", async () => {
    const { hasKeys, look, looks } = presence(false, false, true);
    for (let times = 0; times < 5; times += 1) await look();
    expect(hasKeys()).toBe(true);
    expect(looks()).toBe(3);
  });

  it("is known from the news of a key, though a look that began before it ends later and found none", async () => {
    let end: (isAny: boolean) => void = () => undefined;
    const { hasKeys, look, found } = createKeyPresence(
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
      () => undefined,
    );
    const looking = look();
    found();
    end(false);
    await looking;
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
