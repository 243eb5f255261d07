import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type AppError, isAppError } from "@/lib/errors";
import { type Challenge, challengeSchema, leadingZeroBits, proofText } from "@/lib/protocol";
import { defaultSettings } from "@/lib/settings";
import { createChallenges } from "../challenge/challenges";
import { createNetworkHashes } from "../integrity/network-hash";
import { createEarlierLimit } from "./limit-earlier";
import { createRequestLimits, type LimitedRequest } from "./limit-requests";
import { createMemoryLimits } from "./memory-limits";
import { createNetworkTokens } from "./network-tokens";
import { readTokenUse } from "./token-use";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const minute = 60_000;
const hour = 60 * minute;
const midnight = Date.UTC(2026, 2, 2);

/** Limits whose whole world has the same clock. */
function limitsAt(clock: { now: number }) {
  const now = () => clock.now;
  const store = createMemoryLimits(now);
  const networks = createNetworkHashes(database.db, now);
  const { limits } = defaultSettings();
  const own = {
    ...limits,
    network: { ...limits.network, votesPerHour: 5, flagsPerHour: 3, tokensPerDay: 1_000 },
    challenge: { isOn: true, afterRefusals: 3, bits: 8 },
  };
  const challenges = createChallenges(database.db, "s".repeat(32), now);
  const logger = {
    error: ({ err }: { err: unknown }) => {
      throw err;
    },
  };
  const tokens = createNetworkTokens({ store, networks, logger });
  const requests = createRequestLimits({
    ...{ db: database.db, store, challenges, networks, tokens, limits: () => own },
  });
  const send = (sent: Partial<LimitedRequest>) =>
    requests.take({
      ...{ actions: ["votes"], visitorId: uuidv7(), accountId: null, address: "203.0.113.7" },
      ...{ isByUnnamedProxy: false, solution: undefined },
      ...sent,
    });
  /** A prompt by a new visitor, whose answer ends at once. */
  const prompt = async (used: number, sent: Partial<LimitedRequest> = {}) => {
    const charge = await send({ actions: ["battles", "prompts"], visitorId: null, ...sent });
    charge(used);
    await tokens.settled();
  };
  const ask = async (sent: Partial<LimitedRequest> = {}): Promise<AppError | null> => {
    try {
      await send(sent);
      return null;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error;
    }
  };
  return { ask, send, prompt, tokens, store, networks };
}

function solve({ challenge, bits }: Challenge): string {
  for (let answer = 0; ; answer++) {
    const hash = createHash("sha256").update(proofText(challenge, answer)).digest();
    if (leadingZeroBits(hash) >= bits) return `${challenge}:${answer}`;
  }
}

describe("a network's limits", () => {
  it("let no more through in an hour that has midnight in it, when the network's hash changes", async () => {
    const clock = { now: midnight };
    const { ask } = limitsAt(clock);
    const through: number[] = [];
    for (let at = midnight - 58 * minute; at < midnight + 120 * minute; at += 4 * minute) {
      clock.now = at;
      if ((await ask()) === null) through.push(at);
    }
    const inHourFrom = (begin: number) =>
      through.filter((at) => at >= begin && at < begin + 60 * minute).length;
    expect(through.map(inHourFrom).every((count) => count <= 5)).toBe(true);
    expect(through.length).toBeGreaterThan(10);

    const { ask: anew } = limitsAt(clock);
    clock.now = midnight - minute;
    const before = await Promise.all(Array.from({ length: 8 }, () => anew()));
    expect(before.filter((error) => error === null)).toHaveLength(5);
    for (const after of [1, 20, 50]) {
      clock.now = midnight + after * minute;
      expect(await anew()).not.toBeNull();
    }
    // And opens again when it would have without midnight.
    clock.now = midnight + 130 * minute;
    expect(await anew()).toBeNull();
  });

  it("remember refusals over midnight, and take the solution of a challenge from before", async () => {
    const clock = { now: midnight - 2 * minute };
    const { ask } = limitsAt(clock);
    for (let turn = 0; turn < 5 + 4; turn++) await ask();
    const asked = await ask();
    expect(asked?.code).toBe("challenge_required");
    clock.now = midnight - minute / 2;
    const again = await ask();
    const solution = solve(challengeSchema.parse(again?.details["challenge"]));
    clock.now = midnight + minute / 2;
    expect((await ask())?.code).toBe("challenge_required");
    // It is right, so that only the limit itself stands in the way.
    expect((await ask({ solution }))?.code).toBe("rate_limited");
  });

  it("of the editions of boards hold over midnight too", async () => {
    const clock = { now: midnight - minute };
    const { store, networks } = limitsAt(clock);
    const limit = createEarlierLimit({ store, networks });
    for (let turn = 0; turn < 120; turn++) await limit("203.0.113.7");
    clock.now = midnight + minute;
    await expect(limit("203.0.113.7")).rejects.toMatchObject({ code: "rate_limited" });
    await limit("203.0.114.7");
  });

  it("hold for everybody behind a proxy that the site was not told of", async () => {
    const { ask } = limitsAt({ now: midnight });
    const local = { address: "127.0.0.1", isByUnnamedProxy: true };
    const answers = [];
    for (let turn = 0; turn < 7; turn++)
      answers.push(await ask({ ...local, visitorId: turn % 2 === 0 ? null : uuidv7() }));
    expect(answers.filter((error) => error === null)).toHaveLength(5);
    expect(answers.at(-1)).toMatchObject({ code: "rate_limited", details: { scope: "network" } });
  });

  it("hold for programs on this machine that keep no cookie, and leave a browser here alone", async () => {
    const { ask } = limitsAt({ now: midnight });
    const answers = [];
    for (let turn = 0; turn < 7; turn++) answers.push(await ask({ address: "::1", visitorId: null }));
    expect(answers.filter((error) => error === null)).toHaveLength(5);
    expect(await ask({ address: "127.0.0.1", visitorId: uuidv7() })).toBeNull();
  });

  it("hold for flags by whoever has no cookie yet", async () => {
    const { ask } = limitsAt({ now: midnight });
    const answers = [];
    for (let turn = 0; turn < 5; turn++) answers.push(await ask({ actions: ["flags"], visitorId: null }));
    expect(answers.map((error) => error?.details)).toMatchObject([
      ...[undefined, undefined, undefined],
      ...[
        { limit: "flags", max: 3 },
        { limit: "flags", max: 3 },
      ],
    ]);
  });
});

describe("a network's tokens", () => {
  const refusal = {
    code: "rate_limited",
    details: { limit: "tokens", scope: "network", max: 1_000, windowSeconds: 86_400 },
  };

  it("hold whoever comes with a new cookie for each prompt, for as long as is said, and leave other networks alone", async () => {
    const clock = { now: midnight + 10 * hour };
    const { prompt, ask } = limitsAt(clock);
    // The last of them finds the limit reached, not passed.
    for (const [turn, used] of [400, 600, 300].entries())
      await prompt(used, { address: `203.0.113.${turn}` });
    await expect(prompt(1)).rejects.toMatchObject(refusal);
    await expect(prompt(1, { accountId: uuidv7() })).rejects.toMatchObject(refusal);
    // What asks for no answer is another limit's matter.
    expect(await ask()).toBeNull();
    await prompt(5_000, { address: "203.0.114.7" });

    const refused = await ask({ actions: ["prompts"], visitorId: null });
    const waitMs = Number(refused?.details["retryAfterSeconds"]) * 1_000;
    expect(waitMs).toBeGreaterThan(24 * hour);
    clock.now += waitMs - 2_000;
    await expect(prompt(1)).rejects.toMatchObject(refusal);
    clock.now += 2_000;
    await prompt(1);
  });

  it("are remembered for a day whatever midnight lies in it", async () => {
    const clock = { now: midnight - hour };
    const { prompt } = limitsAt(clock);
    await prompt(700);
    clock.now = midnight + hour;
    await prompt(700);
    for (const after of [1.1, 5, 12, 22.9]) {
      clock.now = midnight + after * hour;
      await expect(prompt(1)).rejects.toMatchObject(refusal);
    }
    clock.now = midnight + 24.3 * hour;
    await prompt(1);
  });

  it("are charged when the answer ends, on the day on which it does", async () => {
    const clock = { now: midnight - minute };
    const { send, prompt, tokens } = limitsAt(clock);
    const charge = await send({ actions: ["prompts"], visitorId: null });
    await prompt(1);
    clock.now = midnight + minute;
    charge(1_200);
    await tokens.settled();
    for (const after of [2, 24 * 60 + 0.5]) {
      clock.now = midnight + after * minute;
      await expect(prompt(1)).rejects.toMatchObject(refusal);
    }
  });

  it("hold where no network can be told as requests do", async () => {
    const { prompt } = limitsAt({ now: midnight });
    const proxy = { address: "127.0.0.1", isByUnnamedProxy: true };
    await prompt(1_200, proxy);
    await expect(prompt(1, { ...proxy, visitorId: uuidv7() })).rejects.toMatchObject(refusal);
    await prompt(1_200, { address: "::1" });
    await expect(prompt(1, { address: "127.0.0.1" })).rejects.toMatchObject(refusal);
    // A browser on this machine has its own.
    await prompt(1_200, { address: "127.0.0.1", visitorId: uuidv7() });
  });
});

it("counts the tokens of answers that were cut off, by what they are estimated at", async () => {
  const { db } = database;
  const [visitorId, a, b] = [uuidv7(), uuidv7(), uuidv7()];
  await db.visitor.create({ data: { id: visitorId } });
  await db.model.createMany({ data: [a, b].map((id) => ({ id, name: id, displayName: id })) });
  const responses = [
    { side: "a", status: "stopped", tokensUsed: 700 },
    { side: "b", status: "finished", tokensUsed: 50, promptTokens: 20, completionTokens: 30 },
    // Written before estimates were kept.
    { side: "b", attempt: 1, status: "finished", promptTokens: 20, completionTokens: 30 },
  ] as const;
  await db.battle.create({
    data: {
      ...{ id: uuidv7(), visitorId, idempotencyKey: uuidv7(), modelAId: a, modelBId: b },
      ...{ policyId: "uniform-1", propensity: 0.5 },
      turns: {
        create: {
          ...{ id: uuidv7(), idempotencyKey: uuidv7(), ordinal: 0, prompt: "x" },
          responses: {
            create: responses.map((response) => ({ id: uuidv7(), leaseUntil: new Date(), ...response })),
          },
        },
      },
    },
  });
  expect(await readTokenUse(db, visitorId)).toMatchObject({ tokens: 800 });
});
