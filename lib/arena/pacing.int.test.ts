import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Side } from "@/lib/protocol";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const ask = () => ({ prompt: "Hello?", idempotencyKey: randomUUID() });
const text = "word ".repeat(120);
const written = { a: text, b: text };

async function battle(scripts: Scripts, charsPerSecond: number) {
  const { arena } = await scriptedArena(database.db, ["heron", "stork"], scripts, 0, charsPerSecond);
  const visitorId = randomUUID();
  const { id } = await startBattle(arena, visitorId, ask());
  return { arena, visitorId, id, live: await arena.live.open(id, visitorId) };
}

describe("a battle with a pace", () => {
  it("shows an answer that came at once bit by bit, whole, and tells its end after its text", async () => {
    const { live } = await battle(() => ({ pieces: [text] }), 1_500);
    const { listener, event, seen } = firstEvent(({ type }) => type === "ready");
    live.subscribe(listener);
    await event;
    const shown: Record<Side, string> = { a: "", b: "" };
    for (const each of seen) {
      if (each.type === "delta") {
        expect(each.at).toBe(shown[each.side].length);
        expect(each.text.length).toBeLessThan(text.length / 2);
        shown[each.side] += each.text;
      }
      if (each.type === "done") expect(shown[each.side]).toBe(each.response.text);
    }
    expect(shown).toEqual(written);
  });

  it("begins both sides together, however long one of them thinks", async () => {
    const thinking = gate();
    const { live } = await battle(
      (model) => ({ pieces: [text], ...(model === "stork" ? { hold: thinking.promise } : {}) }),
      2_000,
    );
    const { listener, event, seen } = firstEvent(({ type }) => type === "ready");
    live.subscribe(listener);
    thinking.open();
    await event;
    const first = seen.findIndex(({ type }) => type === "delta");
    const statuses = seen.slice(0, first).filter(({ type }) => type === "status");
    expect(statuses).toHaveLength(2);
  });

  it("shows the rest at once when it is stopped, and keeps the model's own times", async () => {
    const { arena, visitorId, id, live } = await battle(() => ({ pieces: [text] }), 20);
    const { listener, event } = firstEvent(({ type }) => type === "delta");
    live.subscribe(listener);
    await event;
    const stopped = await stopBattle(arena, visitorId, id, {});
    expect(stopped.turns[0]).toMatchObject({
      a: { text, status: "finished" },
      b: { text, status: "finished" },
    });
    const rows = await database.db.response.findMany({ where: { turn: { battleId: id } } });
    // At this pace the showing alone would have taken ten seconds.
    for (const row of rows) expect(row.totalMs).toBeLessThan(5_000);
  });
});
