import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cacheBoardPage } from "./cache-board-page";

let version: string | null;
let now: number;
let made: string[];
let url: string;

const server = createServer(
  (request, response) =>
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error)),
);
const handle = cacheBoardPage(
  async (request: IncomingMessage, response) => {
    made.push(request.url ?? "");
    if (request.url?.includes("broken")) response.statusCode = 500;
    if (request.url?.includes("cookie")) response.setHeader("set-cookie", "a=b");
    response.setHeader("content-type", "text/html");
    response.write(`page ${made.length} `);
    response.end(request.headers.cookie ?? "");
  },
  { versionOf: async () => version, harmlessCookies: ["visitor"], clock: () => now },
);

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  version = `${Math.random()}`;
  now = 0;
  made = [];
});

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url + path, { headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

describe("the kept page of the board", () => {
  it("is made once for each board and language, and again when the board changes or the page has grown old", async () => {
    const first = await get("/leaderboard?category=code");
    expect(await get("/leaderboard?category=code")).toEqual(first);
    expect(made).toHaveLength(1);
    await get("/leaderboard?category=math");
    await get("/leaderboard?category=code", { "accept-language": "zh-CN" });
    await get("/leaderboard?category=code", { cookie: "locale=zh" });
    // The cookie's language is the one that the header asked for.
    expect(made).toHaveLength(3);
    version = "another";
    expect((await get("/leaderboard?category=code")).text).toBe("page 4 ");
    now = 60_000;
    expect((await get("/leaderboard?category=code")).text).toBe("page 5 ");
  });

  it("is shared with visitors, and never with whoever brings another cookie", async () => {
    await get("/leaderboard", { cookie: "visitor=x" });
    expect((await get("/leaderboard", { cookie: "visitor=y; locale=en" })).text).toBe("page 1 visitor=x");
    expect((await get("/leaderboard", { cookie: "session=z" })).text).toBe("page 2 session=z");
    expect((await get("/leaderboard")).text).toBe("page 1 visitor=x");
  });

  it.each([
    ["/leaderboard/h2h", {}],
    ["/models/x", {}],
    ["/leaderboard?_rsc=1", {}],
    ["/leaderboard", { rsc: "1" }],
    ["/leaderboard", { "next-router-prefetch": "1" }],
    ["/leaderboard?broken", {}],
    ["/leaderboard?cookie", {}],
  ])("does not keep %s %j", async (path, headers) => {
    await get(path, headers);
    await get(path, headers);
    expect(made).toHaveLength(2);
  });

  it("does not keep what is no board that can be answered", async () => {
    version = null;
    await get("/leaderboard?category=poetry");
    await get("/leaderboard?category=poetry");
    expect(made).toHaveLength(2);
  });
});
