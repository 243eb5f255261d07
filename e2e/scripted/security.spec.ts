import { expect, test } from "@playwright/test";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";
import { signUpAs } from "../fixtures/sign-up";

// What the running site sends: the production build behind the real server.

const workers = scriptedWorkers();

test("/robots.txt keeps crawlers off what is no page, and off nothing else", async ({ request }) => {
  const answer = await request.get("/robots.txt");
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toMatch(/^text\/plain/);
  expect(answer.headers()["x-content-type-options"]).toBe("nosniff");
  const lines = (await answer.text())
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  expect(lines.sort()).toEqual(
    ["User-Agent: *", "Allow: /", "Disallow: /api/", "Disallow: /v1/", "Disallow: /admin"].sort(),
  );
});

test("pages, files and answers have the headers that protect, and no page runs a script without its nonce", async ({
  page,
  request,
}) => {
  const script = await (async () => {
    const html = await (await request.get("/")).text();
    return /src="(\/_next\/static\/[^"]+\.js)"/.exec(html)?.[1] ?? "";
  })();
  for (const path of [
    "/",
    "/leaderboard",
    "/sign-in",
    "/no-such-page",
    script,
    "/api/leaderboard",
    "/v1/none",
  ]) {
    const headers = (await request.get(path)).headers();
    expect([path, headers["x-content-type-options"]]).toEqual([path, "nosniff"]);
    expect([path, headers["x-frame-options"]]).toEqual([path, "DENY"]);
    expect([path, headers["referrer-policy"]]).toEqual([path, "same-origin"]);
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect([path, headers["x-powered-by"]]).toEqual([path, undefined]);
    // This site is reached without TLS: a browser must not remember that it needs some.
    expect([path, headers["strict-transport-security"]]).toEqual([path, undefined]);
  }
  const answer = await page.goto("/");
  const policy = answer?.headers()["content-security-policy"] ?? "";
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  expect(nonce.length).toBeGreaterThan(20);
  expect(/script-src[^;]*/.exec(policy)?.[0]).not.toContain("unsafe-inline");
  // Browsers hide nonces from scripts' attributes, not from their properties.
  const nonces = await page.evaluate(() =>
    [...document.querySelectorAll("script")]
      .filter((element) => element.src === "" && !/json/.test(element.type))
      .map((element) => element.nonce),
  );
  expect(nonces.length).toBeGreaterThan(0);
  expect(new Set(nonces)).toEqual(new Set([nonce]));
  const isRun = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.wasInjected = true";
    document.body.append(script);
    return "wasInjected" in window;
  });
  expect(isRun).toBe(false);
});

test("no script can read a cookie that says who somebody is, and no other site can send it", async ({
  page,
  context,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("A prompt for a cookie");
  const visitor = (await context.cookies()).find(({ name }) => name === "visitor");
  expect(visitor).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  await signUpAs(page, "user");
  const session = (await context.cookies()).find(({ name }) => name === "arena.session_token");
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  const readable = await page.evaluate(() => document.cookie);
  for (const secret of [visitor?.value, session?.value]) {
    expect(secret?.length ?? 0).toBeGreaterThan(20);
    expect(readable).not.toContain(secret);
  }
});
