import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type BattleView, blindBattleSchema, leaderboardSchema, revealedBattleSchema } from "@/lib/protocol";
import { isAlive, launchSite } from "../fixtures/process-tree";

const port = 43_119;
const url = `http://127.0.0.1:${port}`;

test.setTimeout(240_000);

test("a vote survives kill -9 of the whole process tree, and a stop leaves nothing running", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "chat-arena-durability-"));
  const env = {
    HOST: "127.0.0.1",
    PORT: String(port),
    ARENA_DATA_DIR: dataDir,
    ARENA_LOG_LEVEL: "warn",
    ARENA_UNGUARDED: "1",
  };
  try {
    const first = await launchSite(env);
    const visitor = new Visitor();
    const id = await visitor.battle("What is 54 + 3?");
    const vote = { outcome: "tie", idempotencyKey: randomUUID() };
    const revealed = revealedBattleSchema.parse(await visitor.call("POST", `/api/battles/${id}/vote`, vote));
    await first.killAll();

    const second = await launchSite(env);
    // The same visitor, the same secret: the cookie still counts, and a retry of the vote is still the same vote.
    expect(await visitor.call("GET", `/api/battles/${id}`)).toEqual(revealed);
    expect(await visitor.call("POST", `/api/battles/${id}/vote`, vote)).toEqual(revealed);
    const board = leaderboardSchema.parse(await visitor.call("GET", "/api/leaderboard"));
    expect(board).toMatchObject({ votes: 1, voters: 1 });
    // And the site goes on.
    await visitor.battle("What is 2 + 2?");

    const pids = second.pids();
    expect(pids.length).toBeGreaterThan(5);
    expect(await second.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

class Visitor {
  #cookie = "";

  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(url + path, {
      method,
      headers: { cookie: this.#cookie, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    this.#cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? this.#cookie;
    return response.json();
  }

  /** Asks, and settles with the battle's id when its vote is open. */
  async battle(prompt: string): Promise<string> {
    const { id } = blindBattleSchema.parse(
      await this.call("POST", "/api/battles", { prompt, idempotencyKey: randomUUID() }),
    );
    await expect
      .poll(
        async () =>
          ((await this.call("GET", `/api/battles/${id}`)) as BattleView & { status: string }).status,
        {
          timeout: 60_000,
        },
      )
      .toBe("ready");
    return id;
  }
}
