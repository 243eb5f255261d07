import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newNonce, pagePolicy } from "../security-headers";
import { keepBoardPage } from "./keep-board-page";

let server: Server;
let url: string;
let rendered: string[];
let version: unknown;
let clock: number;
let failure: Error | null;

beforeEach(async () => {
  [rendered, version, clock, failure] = [[], 1, 0, null];
  const handler = keepBoardPage({
    version: async () => version,
    now: () => clock,
    // As Next writes a page: in pieces, with the request's nonce in several places.
    async pages(request, response) {
      if (failure !== null) throw failure;
      rendered.push(request.url ?? "");
      const nonce = request.headers["x-nonce"];
      response.setHeader("content-type", "text/html; charset=utf-8");
      if (request.url?.includes("nowhere")) response.statusCode = 404;
      response.write(`<script nonce="${nonce}">1</script>`);
      await new Promise(setImmediate);
      response.write(Buffer.from(`${request.headers["accept-language"]} ${request.headers.cookie}`));
      response.end(`<script nonce="${nonce}">ü</script>`);
    },
  });
  server = createServer((request, response) => {
    const nonce = newNonce();
    request.headers["x-nonce"] = nonce;
    response.setHeader("content-security-policy", pagePolicy(nonce));
    handler(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, { headers: { "accept-language": "en", ...headers } });
  const text = await response.text();
  const nonces = new Set([...text.matchAll(/nonce="([^"]*)"/g)].map((match) => match[1]));
  const policy = response.headers.get("content-security-policy") ?? "";
  return { response, text, nonces: [...nonces], policy };
}

describe("the board's page", () => {
  it("is rendered once, and every answer has a nonce of its own, in the page as in its policy", async () => {
    const answers = [await get("/leaderboard"), await get("/leaderboard"), await get("/leaderboard")];
    expect(rendered).toHaveLength(1);
    for (const { nonces, policy, text, response } of answers) {
      expect(nonces).toHaveLength(1);
      expect(policy).toContain(`'nonce-${nonces[0]}'`);
      expect(text).toContain("ü");
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      // fetch asks for gzip and unpacks it.
      expect(response.headers.get("content-encoding")).toBe("gzip");
      expect(response.headers.get("vary")).toContain("accept-encoding");
    }
    expect(new Set(answers.map(({ nonces }) => nonces[0])).size).toBe(3);
    const plain = await get("/leaderboard", { "accept-encoding": "identity" });
    expect(plain.response.headers.get("content-encoding")).toBeNull();
    expect(plain.policy).toContain(`'nonce-${plain.nonces[0]}'`);
    const refused = await get("/leaderboard", { "accept-encoding": "br, gzip;q=0" });
    expect(refused.response.headers.get("content-encoding")).toBeNull();
    expect(rendered).toHaveLength(1);
  });

  it("is one for each address and language, however the language was told", async () => {
    await get("/leaderboard");
    await get("/leaderboard", { "accept-language": "en-GB,fr;q=0.4" });
    await get("/leaderboard", { cookie: "visitor=1", "accept-language": "zh;q=0.1,en" });
    expect(rendered).toHaveLength(1);
    await get("/leaderboard", { cookie: "locale=zh" });
    await get("/leaderboard", { "accept-language": "zh-CN" });
    expect(rendered).toHaveLength(2);
    await get("/leaderboard?category=code");
    expect(rendered).toHaveLength(3);
  });

  it("is rendered again when a board has changed, and after a while", async () => {
    await get("/leaderboard");
    version = 2;
    await get("/leaderboard");
    await get("/leaderboard");
    expect(rendered).toHaveLength(2);
    clock = 29_000;
    await get("/leaderboard");
    expect(rendered).toHaveLength(2);
    clock = 31_000;
    await get("/leaderboard");
    expect(rendered).toHaveLength(3);
  });

  it("is rendered once for readers who come at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/leaderboard")));
    expect(rendered).toHaveLength(1);
    expect(new Set(answers.map(({ nonces }) => nonces[0])).size).toBe(20);
  });

  it("is never the one of somebody who is signed in, nor a part that Next asks for, nor another page", async () => {
    const signedIn = { cookie: "visitor=1; session=secret" };
    for (let round = 0; round < 2; round++) {
      const own = await get("/leaderboard", signedIn);
      expect(own.text).toContain("session=secret");
      expect(own.policy).toContain(`'nonce-${own.nonces[0]}'`);
    }
    const others = ["/leaderboard/h2h", "/leaderboards", "/", "/leaderboard?board=blind&style=1"];
    for (const path of others) for (let round = 0; round < 2; round++) await get(path);
    for (let round = 0; round < 2; round++) await get("/leaderboard", { rsc: "1" });
    for (let round = 0; round < 2; round++) await get("/leaderboard", { "next-router-prefetch": "1" });
    expect(rendered).toHaveLength(2 + 2 * others.length + 4);
    expect((await get("/leaderboard")).text).not.toContain("secret");
  });

  it("is not kept when it failed or is not there", async () => {
    failure = new Error("no database");
    expect((await get("/leaderboard")).response.status).toBe(500);
    failure = null;
    expect((await get("/leaderboard")).response.status).toBe(200);
    for (let round = 0; round < 2; round++)
      expect((await get("/leaderboard?nowhere")).response.status).toBe(404);
    expect(rendered).toHaveLength(3);
  });

  it("keeps the newest addresses only", async () => {
    for (let n = 0; n < 40; n++) await get(`/leaderboard?q=${n}`);
    await get("/leaderboard?q=39");
    expect(rendered).toHaveLength(40);
    await get("/leaderboard?q=0");
    expect(rendered).toHaveLength(41);
  });
});
