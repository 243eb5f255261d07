import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModerationCategory } from "@/lib/protocol";
import { askInParts, partsOf } from "./ask-in-parts";
import type { Assessment, Moderator } from "./types";

const maxCharacters = 1_000;

/** A moderator that reads so many characters at once, and what it was given. */
function reader(assess: (text: string, signal: AbortSignal) => Assessment | Promise<Assessment>) {
  const read: string[] = [];
  const moderator: Moderator = {
    ...{ name: "reader", version: "1", takesImages: false, maxCharacters },
    async assess(content, signal) {
      if (content.kind !== "text") throw new Error("It reads texts only.");
      read.push(content.text);
      return await assess(content.text, signal);
    },
  };
  return { moderator, read };
}

const clear: Assessment = new Map();
const found = (category: ModerationCategory, score: number): Assessment => new Map([[category, score]]);
const asked = { threshold: 0.5, timeoutMs: 5_000, signal: undefined };
const filler = (length: number) => "word ".repeat(length / 5);
const text = (content: string) => ({ kind: "text", text: content }) as const;

describe("a text that is longer than a moderator reads at once", () => {
  it("is read to its end", async () => {
    const { moderator } = reader((part) => (part.includes("HARM") ? found("threat", 0.9) : clear));
    for (const long of [`${filler(10_000)}HARM`, `HARM${filler(10_000)}`, filler(10_000)]) {
      const { kind } = await askInParts(moderator, text(long), asked);
      expect(kind).toBe(long.includes("HARM") ? "found" : "clear");
    }
  });

  it("is found to be what its worst part is, also where another part could not be checked", async () => {
    const { moderator, read } = reader((part) => {
      if (part.includes("BROKEN")) throw new Error("It could not tell.");
      if (part.includes("BAD")) return found("hate", 0.7);
      return part.includes("WORSE") ? found("threat", 0.9) : clear;
    });
    const [one, two, three] = ["BROKEN", "BAD", "WORSE"].map((word) => `${word} ${filler(2_000)}`);
    expect(await askInParts(moderator, text(`${one}${two}${three}`), asked)).toMatchObject({
      ...{ kind: "found", category: "threat", score: 0.9, about: "text" },
    });
    expect(read.length).toBeGreaterThanOrEqual(6);
    expect((await askInParts(moderator, text(`${filler(2_000)}${one}`), asked)).kind).toBe("failed");
  });

  it("is never let through unread: beyond what can be read it counts as unchecked", async () => {
    const { moderator, read } = reader(() => clear);
    expect((await askInParts(moderator, text(filler(1_000_000)), asked)).kind).toBe("failed");
    expect(read).toEqual([]);
  });

  it("keeps a moderator busy with a few parts at a time, and all of them end with the caller", async () => {
    let running = 0;
    let most = 0;
    const gone = new AbortController();
    const { moderator, read } = reader((_part, signal) => {
      running += 1;
      most = Math.max(most, running);
      return new Promise((_resolve, reject) => {
        const leave = () => {
          running -= 1;
          reject(signal.reason);
        };
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave);
      });
    });
    const waiting = askInParts(moderator, text(filler(20_000)), { ...asked, signal: gone.signal });
    await expect.poll(() => read.length).toBe(4);
    gone.abort(new Error("the tab was closed"));
    expect((await waiting).kind).toBe("failed");
    expect([most, running]).toEqual([4, 0]);
  });

  it("has the time of one part for each, so that a long text does not fail for its length", async () => {
    const signals = new Set<AbortSignal>();
    const { moderator, read } = reader((_part, signal) => {
      signals.add(signal);
      return clear;
    });
    await askInParts(moderator, text(filler(12_000)), asked);
    expect(signals.size).toBe(read.length);
    expect(read.length).toBeGreaterThan(16);
  });
});

describe("the parts of a text", () => {
  it("hold every stretch that is shorter than the overlap whole, and are well-formed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1_001, maxLength: 6_000 }),
        fc.nat(),
        (given, at) => {
          const long = given.toWellFormed();
          const parts = partsOf(long, maxCharacters);
          const start = at % long.length;
          const stretch = long.slice(start, start + 300);
          expect(parts.every((part) => part.length <= maxCharacters && part.isWellFormed())).toBe(true);
          if (stretch.isWellFormed()) expect(parts.some((part) => part.includes(stretch))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});
