import { randomUUID } from "node:crypto";
import { expect, test } from "@playwright/test";
import { findProof } from "@/app/_data/challenge/find-proof";
import { challengeHeader, challengeSchema, rateLimitDetailsSchema } from "@/lib/protocol";
import { uniqueName } from "../chaos/rig";
import type { ServerProcess } from "../chaos/server-process";
import { startGuardedRig } from "../fixtures/guarded-rig";

/** Two programs as an operator runs them, each with a memory of its own; between them there is nothing but PostgreSQL. */

test.setTimeout(180_000);

const limits = {
  visitor: { battlesPerHour: 5, promptsPerHour: 50, votesPerHour: 2 },
  network: { battlesPerHour: 12 },
  challenge: { afterRefusals: 20, bits: 10 },
};

type Sent = { cookie?: string; address: string; solution?: string };

async function post(server: ServerProcess, path: string, body: object, sent: Sent) {
  const response = await fetch(server.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      ...{ "content-type": "application/json", "x-forwarded-for": sent.address },
      ...(sent.cookie === undefined ? {} : { cookie: sent.cookie }),
      ...(sent.solution === undefined ? {} : { [challengeHeader]: sent.solution }),
    },
  });
  const json = (await response.json()) as { error?: { code: string; details: Record<string, unknown> } };
  return {
    status: response.status,
    cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? sent.cookie ?? "",
    ...{ code: json.error?.code ?? null, details: json.error?.details ?? {} },
  };
}

const battle = (server: ServerProcess, sent: Sent) =>
  post(server, "/api/battles", { prompt: "Hello", idempotencyKey: randomUUID() }, sent);
/** Of a battle that is not there: what gets past the limits ends with 404. */
const vote = (server: ServerProcess, sent: Sent) =>
  post(server, `/api/battles/${randomUUID()}/vote`, { outcome: "a", idempotencyKey: randomUUID() }, sent);

const began = (answers: { status: number }[]) => answers.filter(({ status }) => status === 201).length;

test("two server processes hold one limit, and take a proof of work once between them", async () => {
  const { rig, startServer } = await startGuardedRig(limits);
  try {
    const [one, other] = await Promise.all([startServer(), startServer()]);
    const names = [uniqueName("heron"), uniqueName("stork")];
    for (const name of names) {
      await rig.startMock(one, { name, slots: 64 });
      await rig.served(other, name);
    }

    await test.step("one visitor, first here, then there", async () => {
      const address = "198.51.100.1";
      // The request that makes the visitor counts for the network alone.
      const { cookie } = await battle(one, { address });
      const answers = [];
      for (const server of [one, one, one, other, other, other, one])
        answers.push(await battle(server, { cookie, address }));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429, 429]);
      for (const { details } of answers.slice(5))
        expect(rateLimitDetailsSchema.parse(details)).toMatchObject({ limit: "battles", max: 5 });
    });

    await test.step("a network with ever new cookies, at both at once", async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, turn) =>
          battle(turn % 2 === 0 ? one : other, { address: `198.51.101.${turn}` }),
        ),
      );
      expect(began(answers)).toBe(limits.network.battlesPerHour);
      // What was let through is there, and no more than that.
      const [stored] = await rig.query<{ count: number }>("SELECT count(*)::int AS count FROM battles");
      expect(stored?.count).toBe(1 + limits.visitor.battlesPerHour + limits.network.battlesPerHour);
    });

    await test.step("a challenge of one is solved at the other, and once", async () => {
      const address = "203.0.113.5";
      const { cookie } = await battle(one, { address });
      for (let turn = 0; turn <= limits.visitor.votesPerHour + limits.challenge.afterRefusals; turn += 1)
        await vote(turn % 2 === 0 ? one : other, { cookie, address });
      for (const server of [one, other])
        expect(await vote(server, { cookie, address })).toMatchObject({ status: 428 });

      const ask = async (server: ServerProcess) => {
        const fresh = await battle(server, { address });
        const { challenge, bits } = challengeSchema.parse(fresh.details["challenge"]);
        return `${challenge}:${findProof(challenge, bits)}`;
      };
      const solution = await ask(one);
      expect(await battle(other, { address, solution })).toMatchObject({ status: 201 });
      for (const server of [one, other])
        expect(await battle(server, { address, solution })).toMatchObject({
          ...{ status: 428, code: "challenge_required" },
        });

      // At both in the same moment: one of them wins.
      const next = await ask(other);
      const race = await Promise.all(
        [one, other, one, other].map((server) => battle(server, { address, solution: next })),
      );
      expect(race.map(({ status }) => status).sort()).toEqual([201, 428, 428, 428]);
    });
  } finally {
    await rig.end();
  }
});
