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
import { readTokenUse } from "./token-use";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const minute = 60_000;
const midnight = Date.UTC(2026, 2, 2);

/** Limits whose whole world has the same clock. */
function limitsAt(clock: { now: number }) {
  const now = () => clock.now;
  const store = createMemoryLimits(now);
  const networks = createNetworkHashes(database.db, now);
  const { limits } = defaultSettings();
  const own = {
    ...limits,
    network: { ...limits.network, votesPerHour: 5, flagsPerHour: 3 },
    challenge: { isOn: true, afterRefusals: 3, bits: 8 },
  };
  const challenges = createChallenges(database.db, "s".repeat(32), now);
  const requests = createRequestLimits({ db: database.db, store, challenges, networks, limits: () => own });
  const ask = async (sent: Partial<LimitedRequest> = {}): Promise<AppError | null> => {
    const request: LimitedRequest = {
      ...{ actions: ["votes"], visitorId: uuidv7(), accountId: null, address: "203.0.113.7" },
      ...{ isByUnnamedProxy: false, solution: undefined },
      ...sent,
    };
    try {
      await requests.take(request);
      return null;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error;
    }
  };
  return { ask, store, networks };
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
