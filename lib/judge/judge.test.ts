import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agreement } from "./agreement";
import { type CheckKind, passes } from "./checks";
import { inParallel } from "./in-parallel";
import { readPrompts } from "./prompts";
import { openStateFile } from "./state-file";
import { agreedOutcome, judgeMessages, parseVerdict } from "./verdict";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-judge-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("checks", () => {
  it.each<[CheckKind, string, string, boolean]>([
    ["lastnum", "104", "75 + 29 = 104.", true],
    ["lastnum", "104", "The answer is 104, not 105", false],
    ["lastnum", "1040", "It is 1,040", true],
    ["lastnum", "9", "It is -9", false],
    ["lastnum", "9", "98 - 89 = 9", true],
    ["lastnum", "1", "none", false],
    ["has", "Ankara", "It is ankara!", true],
    ["has", "table", "vegetables", false],
    ["has", "C++", "Use C++.", true],
    ["has", "possible", "impossible", false],
    ["exact", "5, 6", " 5, 6\n", true],
    ["exact", "5, 6", "5, 6.", false],
    ["exacti", "Kathmandu", "kathmandu.", true],
    ["exacti", "Kathmandu", "It is Kathmandu", false],
    ["lastline", "tceles", "t-c-e-l-e-s\ntceles", true],
    ["lastline", "tceles", "tceles\nthat is it", false],
    ["bullets", "2", "Here:\n- a\n- b", true],
    ["bullets", "2", "- a\n- b\n- c", false],
    ["numbered", "2", "1. a\n2. b", true],
    ["numbered", "2", "1. a\n3. b", false],
    ["table", "Algiers|Bogotá", "| x | y |\n| --- | --- |\n| A | Algiers |\n| B | Bogotá |", true],
    ["table", "Algiers|Bogotá", "| x | y |\n| --- | --- |\n| Algiers | Bogotá |", false],
    ["table", "Algiers", "| A | Algiers |", false],
    ["upper", "", "LEONARDO.", true],
    ["upper", "", "Leonardo", false],
    ["upper", "", "123", false],
    ["code", "return", "```python\nreturn 1\n```", true],
    ["code", "return", "return 1", false],
  ])("%s %j of %j: %s", (kind, expected, answer, isRight) => {
    expect(passes({ kind, expected }, answer)).toBe(isRight);
  });
});

describe("verdicts", () => {
  it.each([
    ["Because.\n[[A]]", "a"],
    ["[[B]]\n", "b"],
    ["x\n [[tie]] ", "tie"],
    ["x\n[[both bad]]", "both_bad"],
    ["[[A]]\nBut on reflection", null],
    ["[[A]]\n[[B]]", null],
    ["It is [[A]]", null],
    ["[[a]]", null],
    ["[[C]]", null],
    ["A", null],
    ["", null],
  ])("%j is %s", (text, verdict) => {
    expect(parseVerdict(text)).toBe(verdict);
  });

  it("that change with the order are a tie", () => {
    expect(agreedOutcome("a", "b")).toBe("a");
    expect(agreedOutcome("a", "a")).toBe("tie");
    expect(agreedOutcome("both_bad", "both_bad")).toBe("both_bad");
    expect(agreedOutcome("b", "tie")).toBe("tie");
  });

  it("are asked for with both conversations, turn by turn, and without names", () => {
    const prompt = {
      id: "1",
      category: null,
      system: "Be brief.",
      turns: ["One?", "Two?"],
      check: null,
      reference: "2",
    };
    const text = judgeMessages(prompt, ["first 1", "first 2"], ["second 1", "second 2"])[1]?.content ?? "";
    const order = [
      "Be brief.",
      "reference",
      "One?",
      "first 1",
      "Two?",
      "first 2",
      "One?",
      "second 1",
      "Two?",
      "second 2",
    ];
    let at = 0;
    for (const part of order) {
      at = text.indexOf(part, at);
      expect(at, part).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("prompts", () => {
  it("are read as the bundled set and as MT-bench writes them", async () => {
    const bundled = await readPrompts("workers/models/eval200.json");
    expect(bundled.prompts).toHaveLength(200);
    expect(bundled.prompts[0]).toMatchObject({
      id: "1",
      category: "arithmetic +",
      check: { kind: "lastnum", expected: "104" },
    });
    const file = join(folder, "question.jsonl");
    await writeFile(
      file,
      '{"question_id": 81, "category": "writing", "turns": ["Write.", "Again."], "reference": ["a", "b"]}\n',
    );
    expect((await readPrompts(file)).prompts).toEqual([
      {
        id: "81",
        category: "writing",
        system: null,
        turns: ["Write.", "Again."],
        check: null,
        reference: "a\n\nb",
      },
    ]);
  });

  it.each([
    ["", "no prompts"],
    ["{", "neither"],
    ['{"prompt": "x", "turns": ["y"]}', "either prompt or turns"],
    ['{"prompt": "x", "check": "guess"}', "Prompt 1"],
    ['{"id": 1, "prompt": "x"}\n{"id": "1", "prompt": "y"}', "the same id"],
  ])("%j are refused", async (text, words) => {
    const file = join(folder, "bad.jsonl");
    await writeFile(file, text);
    await expect(readPrompts(file)).rejects.toThrow(words);
  });
});

describe("the state of a run", () => {
  it("survives a line that was cut short, and is not taken for another run's", async () => {
    const file = join(folder, "state", "run.jsonl");
    const state = await openStateFile(file, "run 1");
    await state.set("k", "välue\n");
    const whole = await readFile(file);
    await writeFile(file, Buffer.concat([whole, Buffer.from('["k2","ha')]));
    const again = await openStateFile(file, "run 1");
    expect([again.get("k"), again.get("k2")]).toEqual(["välue\n", undefined]);
    await again.set("k2", "half");
    expect((await openStateFile(file, "run 1")).get("k2")).toBe("half");
    await expect(openStateFile(file, "run 2")).rejects.toThrow("belongs to a run");
  });
});

describe("inParallel", () => {
  it("keeps to its limit, and begins nothing after a failure", async () => {
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    await inParallel([1, 2, 3, 4, 5], 2, async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    });
    expect(most).toBe(2);
    const failing = inParallel([1, 2, 3, 4], 1, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error("two");
    });
    await expect(failing).rejects.toThrow("two");
    expect(begun).toEqual([1, 2]);
  });
});

describe("agreement", () => {
  it("is the chance that two votes on a pair say the same", () => {
    const judge = [
      { first: "x", second: "y", win: 6, loss: 2, tie: 2 },
      { first: "x", second: "z", win: 1, loss: 0, tie: 0 },
    ];
    const human = [{ first: "x", second: "y", win: 3, loss: 1, tie: 0 }];
    const { pairs, withTies, decided, sameWinner } = agreement(judge, human);
    expect([pairs, sameWinner]).toEqual([1, 1]);
    expect(withTies).toBeCloseTo((6 * 0.75 + 2 * 0.25) / 10, 12);
    expect(decided).toBeCloseTo((6 * 0.75 + 2 * 0.25) / 8, 12);
    expect(agreement(judge, [])).toEqual({ pairs: 0, withTies: null, decided: null, sameWinner: null });
  });
});
