import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "./embedded/free-port";
import { listen } from "./listen";
import { createTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("listen", () => {
  it("hands on what is sent to its channel and nothing else, until it is stopped", async () => {
    const messages: string[] = [];
    let ups = 0;
    const stop = listen({
      url: database.url,
      channel: 'a "quoted" channel',
      onMessage: (payload) => messages.push(payload),
      onUp: () => {
        ups += 1;
      },
      onDown: () => undefined,
    });
    await expect.poll(() => ups).toBe(1);
    const send = (channel: string, text: string) =>
      database.db.$executeRaw`SELECT pg_notify(${channel}, ${text})`;
    await send("another channel", "not for us");
    await send('a "quoted" channel', "one");
    await send('a "quoted" channel', "");
    await expect.poll(() => messages).toEqual(["one", ""]);
    await stop();
    const rows = await database.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity
      WHERE application_name = 'chat-arena listener' AND datname = current_database()`;
    expect(rows).toEqual([]);
  });

  it("tries again and again while nobody answers, and stops at once even then", async () => {
    const downs: unknown[] = [];
    const port = await findFreePort();
    const stop = listen({
      url: `postgresql://nobody@127.0.0.1:${port}/nothing`,
      channel: "x",
      onMessage: () => undefined,
      onUp: () => expect.unreachable(),
      onDown: (error) => downs.push(error),
      backoffMs: { first: 1, most: 60_000 },
    });
    await expect.poll(() => downs.length).toBeGreaterThan(3);
    expect(downs[0]).toMatchObject({ code: "ECONNREFUSED" });
    await stop();
    const count = downs.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(downs).toHaveLength(count);
  });
});
