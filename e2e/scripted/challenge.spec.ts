import { randomUUID } from "node:crypto";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { uniqueName } from "../chaos/rig";
import type { ServerProcess } from "../chaos/server-process";
import { BattlePage } from "../fixtures/battle-page";
import { startGuardedRig } from "../fixtures/guarded-rig";

/** A site that holds its visitors to limits, behind a proxy, and people on networks that have run into them again and again. */

const challenge = { afterRefusals: 3, bits: 12 };
const votesPerHour = 5;
const maxCharacters = 400;
const typed = "Why do bees dance?";
const solving = /your browser does a short calculation first\..*your text is kept/;

let end: () => Promise<void>;
let server: ServerProcess;
let networks = 0;

test.describe.configure({ mode: "serial" });
test.setTimeout(120_000);

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const limits = { visitor: { votesPerHour }, challenge, maxPromptCharacters: maxCharacters, maxTurns: 2 };
  const { rig, startServer } = await startGuardedRig(limits);
  end = () => rig.end();
  server = await startServer();
  for (const name of ["heron", "stork"].map(uniqueName)) await rig.startMock(server, { name, slots: 64 });
});
test.afterAll(() => end());

/** An address of a network that nobody has used yet. */
function freshAddress(): string {
  networks += 1;
  return `203.0.${networks}.7`;
}

/** One of a network that has been refused so often that it must solve challenges. */
async function misbehavedAddress(): Promise<string> {
  const address = freshAddress();
  const headers = { "content-type": "application/json", "x-forwarded-for": address };
  const post = (path: string, body: object, cookie = "") =>
    fetch(server.url + path, { method: "POST", headers: { ...headers, cookie }, body: JSON.stringify(body) });
  const first = await post("/api/battles", { prompt: "Hi", idempotencyKey: randomUUID() });
  const cookie = first.headers.getSetCookie()[0]?.split(";")[0];
  const statuses: number[] = [];
  // As many as it may be refused, one more, and then the first that must solve something.
  for (let turn = 0; turn < votesPerHour + challenge.afterRefusals + 2; turn += 1) {
    const vote = { outcome: "a", idempotencyKey: randomUUID() };
    statuses.push((await post(`/api/battles/${randomUUID()}/vote`, vote, cookie)).status);
  }
  expect(statuses.at(-1)).toBe(428);
  return address;
}

const from = (address: string) => ({ "x-forwarded-for": address });

async function visit(context: BrowserContext, address: string): Promise<BattlePage> {
  await context.setExtraHTTPHeaders(from(address));
  const arena = new BattlePage(await context.newPage());
  await arena.open(server.url);
  return arena;
}

/** Work for other threads waits until the test lets it go, so that what the page says meanwhile can be read. */
async function holdWork(context: BrowserContext): Promise<(page: Page) => Promise<void>> {
  await context.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (this: Worker, message: unknown) {
      Object.assign(window, {
        goOn: () => {
          Worker.prototype.postMessage = post;
          this.postMessage(message);
        },
      });
    };
  });
  return async (page) => {
    await page.evaluate(() => (window as unknown as { goOn: () => void }).goOn());
  };
}

const status = (page: Page, words: RegExp) => page.getByRole("status").filter({ hasText: words });

test("the page solves a challenge by itself, says so, and goes on with battle and vote", async ({
  context,
}) => {
  const goOn = await holdWork(context);
  const arena = await visit(context, await misbehavedAddress());
  const { page } = arena;
  await arena.ask(typed);
  await expect(status(page, solving)).toBeVisible();
  // The tab is closed, or the phone has had enough: what was typed is still there.
  await page.reload();
  await expect(arena.composer).toHaveValue(typed);

  await arena.composer.press("Enter");
  await expect(status(page, solving)).toBeVisible();
  await goOn(page);
  await arena.voteOpens();
  await expect(status(page, solving)).toBeHidden();
  await expect(arena.composer).toHaveValue("");
  await expect(page.getByText(typed).first()).toBeVisible();

  // Each request is asked for its own; a vote too.
  const asked = page.waitForResponse(
    (response) => response.url().endsWith("/vote") && response.status() === 428,
  );
  await arena.voteButton("A is better").click();
  await asked;
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
});

test("a vote over the limit says so with its time, keeps the choice, and offers to sign in", async ({
  context,
}) => {
  const address = freshAddress();
  const arena = await visit(context, address);
  const { page } = arena;
  await arena.ask(typed);
  await arena.voteOpens();
  // Votes on nothing count too.
  for (let turn = 0; turn < votesPerHour; turn += 1) {
    const data = { outcome: "a", idempotencyKey: randomUUID() };
    await page.request.post(`${server.url}/api/battles/${randomUUID()}/vote`, {
      data,
      headers: from(address),
    });
  }
  await arena.voteButton("A is better").click();
  await expect(
    page.getByText(
      /You have cast 5 votes in an hour\. The next can be saved in (\d\d:\d\d|1 h \d min)\. Your choice, A is better, is kept here\./,
    ),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Save it again" })).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByRole("link", { name: "Sign in for more" })).toBeVisible();
});

test("what the site takes less of than others is told before it is sent", async ({ context }) => {
  const arena = await visit(context, freshAddress());
  const { page } = arena;
  const tooLong = page.getByText("1 characters too many. The limit is 400.");
  await arena.composer.fill("x".repeat(maxCharacters + 1));
  await expect(tooLong).toBeVisible();
  await expect(page.getByRole("button", { name: "Send" })).toHaveAttribute("aria-disabled", "true");
  await arena.ask("x".repeat(maxCharacters));
  await arena.voteOpens();
  await page.getByRole("button", { name: "Edit and resend" }).click();
  await page.getByRole("textbox", { name: "Edit the prompt" }).fill("y".repeat(maxCharacters + 1));
  await expect(tooLong).toBeVisible();
  await expect(page.getByRole("button", { name: "Resend" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Cancel" }).click();
  await arena.ask("The second turn");
  await arena.voteOpens();
  await expect(page.getByText("This battle has reached its last turn.").first()).toBeVisible();
});

test("Esc takes the prompt back while a challenge is being solved", async ({ context }) => {
  await holdWork(context);
  const arena = await visit(context, await misbehavedAddress());
  await arena.ask(typed);
  await expect(status(arena.page, solving)).toBeVisible();
  await arena.composer.press("Escape");
  await expect(status(arena.page, solving)).toBeHidden();
  await expect(arena.composer).toHaveValue(typed);
});

test("a challenge that fails has its own words, keeps the text, and another network gets on", async ({
  context,
}) => {
  // As in browsers and companies that allow no threads.
  await context.addInitScript(() => {
    window.Worker = class {
      constructor() {
        throw new Error("Threads are blocked here.");
      }
    } as unknown as typeof Worker;
  });
  const arena = await visit(context, await misbehavedAddress());
  const { page } = arena;
  await arena.ask(typed);
  await expect(
    page.getByText(
      "The check that this site asks of your network did not succeed. Send it again; if that does not help, use another network. Your text is kept.",
    ),
  ).toBeVisible();
  await expect(arena.composer).toHaveValue(typed);

  await context.setExtraHTTPHeaders(from(freshAddress()));
  await arena.composer.press("Enter");
  await arena.voteOpens();
  await expect(page.getByText(/did not succeed/)).toBeHidden();

  // Back on the network of before, the vote is kept too.
  await context.setExtraHTTPHeaders(from(await misbehavedAddress()));
  await arena.voteButton("Tie").click();
  const again = page.getByRole("button", { name: "Save it again" });
  await expect(page.getByText(/did not succeed\..*Your choice, Tie, is kept here\./)).toBeVisible();
  await context.setExtraHTTPHeaders(from(freshAddress()));
  await again.click();
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("the page says what it does, and what failed", async ({ context }) => {
    await holdWork(context);
    const arena = await visit(context, await misbehavedAddress());
    const { page } = arena;
    await arena.ask("蜜蜂为什么跳舞？");
    await expect(status(page, /浏览器正在先做一小段计算，完成后自动继续。文字已保留。/)).toBeVisible();
    await arena.composer.press("Escape");
    await page.evaluate(() => {
      window.Worker = class {
        constructor() {
          throw new Error("Threads are blocked here.");
        }
      } as unknown as typeof Worker;
    });
    await arena.composer.press("Enter");
    await expect(page.getByText(/本站要求你的网络完成的检查没有成功。/)).toBeVisible();
    await expect(arena.composer).toHaveValue("蜜蜂为什么跳舞？");
  });
});

test("a chat goes on by itself too", async ({ context }) => {
  const address = await misbehavedAddress();
  await context.setExtraHTTPHeaders(from(address));
  const page = await context.newPage();
  await page.goto(`${server.url}/chat`);
  const composer = page.getByRole("textbox", { name: /Message/ });
  await composer.fill(typed);
  const asked = page.waitForResponse((response) => response.status() === 428);
  await composer.press("Enter");
  await asked;
  await expect(
    page
      .getByRole("log")
      .getByText(/scripted answer/i)
      .first(),
  ).toBeVisible();
});
