import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { childEnv } from "@/lib/env";
import { expectNoViolation } from "../fixtures/accessibility";
import { BattlePage } from "../fixtures/battle-page";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";
import { scriptedSite } from "../fixtures/sites";

const workers = scriptedWorkers();

async function voted(page: Page, prompt: string): Promise<BattlePage> {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin(prompt);
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
  return arena;
}

/** Somebody else's browser: no cookie, no storage. */
async function asStranger<T>(browser: Browser, act: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ baseURL: scriptedSite.url });
  try {
    return await act(await context.newPage());
  } finally {
    await context.close();
  }
}

const box = (page: Page) =>
  page.getByRole("checkbox", { name: "Publish the text of this battle with the vote data" });

test("the privacy line leads to its page, and a battle's text is published only while its box is ticked", async ({
  page,
  browser,
}) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Privacy" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Privacy" })).toBeVisible();
  await expectNoViolation(page);

  await voted(page, "A prompt for everybody");
  const id = new URL(page.url()).searchParams.get("battle") ?? "";
  await expect(box(page)).not.toBeChecked();
  const statusOf = () => asStranger(browser, async (other) => (await other.goto(`/battles/${id}`))?.status());
  expect(await statusOf()).toBe(404);
  await box(page).check();
  await expect(page.getByText("Published with the next release, until you untick it.")).toBeVisible();
  await expectNoViolation(page);
  await page.reload();
  await expect(box(page)).toBeChecked();
  await asStranger(browser, async (other) => {
    await other.goto("/models/heron");
    await other.getByRole("link", { name: "A prompt for everybody" }).click();
    await expect(other.getByText("The vote: A is better")).toBeVisible();
    await expectNoViolation(other);
  });

  await page.goto("/history");
  await page.getByRole("button", { name: "Published", exact: true }).click();
  await expect(page.getByText("In the vote data")).toBeVisible();
  await page.getByRole("button", { name: "Publication of this battle" }).click();
  await box(page).uncheck();
  await expect(page.getByText("In the vote data")).toHaveCount(0);
  expect(await statusOf()).toBe(404);
});

test("a battle is shared with its personal data hidden, read by a stranger, and gone when it is unpublished", async ({
  page,
  browser,
}) => {
  await voted(page, "Write to bob@corp.io about the weather");
  await page.getByRole("button", { name: "Share", exact: true }).filter({ visible: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this battle" });
  await dialog.getByRole("button", { name: "Create the link" }).press("Enter");
  await expect(dialog.getByRole("heading", { name: /looks? like personal data/ })).toBeFocused();
  await expect(dialog.locator("mark").first()).toHaveText("bob@corp.io");
  await expectNoViolation(page);
  await dialog.getByRole("button", { name: "Hide them and publish" }).click();
  const address = await dialog.getByRole("textbox", { name: "Address of the shared page" }).inputValue();
  await expectNoViolation(page);
  await page.keyboard.press("Escape");

  const picture = await asStranger(browser, async (other) => {
    const response = await other.goto(address);
    expect(response?.headers()["cache-control"]).toContain("no-store");
    await expect(other.getByRole("heading", { level: 1 })).toHaveText("Write to [email] about the weather");
    await expect(other.getByText("The vote: A is better")).toBeVisible();
    await expect(other.getByRole("main")).toContainText(/heron/i);
    await expect(other.getByRole("main")).not.toContainText("bob@corp.io");
    await expect(other.getByRole("link", { name: "Try these models" })).toHaveAttribute(
      "href",
      /^\/compare\?a=/,
    );
    await expect(other.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
    const source = await other.locator('meta[property="og:image"]').getAttribute("content");
    const drawn = await other.request.get(source ?? "");
    expect(drawn.headers()["content-type"]).toBe("image/png");
    const png = await drawn.body();
    // Width and height of the PNG's first chunk.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
    const etag = drawn.headers()["etag"] ?? "";
    const again = await other.request.get(source ?? "", { headers: { "if-none-match": etag } });
    expect(again.status()).toBe(304);
    await expectNoViolation(other);
    return source ?? "";
  });

  await page.goto("/history");
  await expect(page.getByRole("link", { name: "Write to [email] about the weather" })).toBeVisible();
  await page.getByRole("button", { name: "Unpublish Write to [email] about the weather" }).click();
  await expect(page.getByText("You have published nothing.")).toBeVisible();
  await asStranger(browser, async (other) => {
    expect((await other.goto(address))?.status()).toBe(404);
    expect((await other.request.get(picture)).status()).toBe(404);
  });
});

test("a chat is shared as it is, and unpublished where it was shared", async ({ page, browser }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Tell me something [[mock:cjk]]");
  await expect(chat.answer("heron")).toContainText("👩‍👩‍👧‍👦");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this chat" });
  await dialog.getByRole("button", { name: "Create the link" }).click();
  const address = await dialog.getByRole("textbox", { name: "Address of the shared page" }).inputValue();
  await asStranger(browser, async (other) => {
    await other.goto(address);
    await expect(other.getByRole("article", { name: "heron" })).toContainText("👩‍👩‍👧‍👦");
    await expectNoViolation(other);
  });
  await dialog.getByRole("button", { name: "Unpublish" }).click();
  await expect(dialog.getByText("The link shows nothing any more.").first()).toBeVisible();
  await asStranger(browser, async (other) => {
    expect((await other.goto(address))?.status()).toBe(404);
  });
});

test("a shared page and a published battle have no violation in any theme and language", async ({
  page,
  browser,
}) => {
  await voted(page, "For every reader [[mock:markdown]]");
  const id = new URL(page.url()).searchParams.get("battle") ?? "";
  await box(page).check();
  await expect(page.getByText("Published with the next release, until you untick it.")).toBeVisible();
  await page.getByRole("button", { name: "Share", exact: true }).filter({ visible: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this battle" });
  await dialog.getByRole("button", { name: "Create the link" }).click();
  const address = await dialog.getByRole("textbox", { name: "Address of the shared page" }).inputValue();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const locale of ["en-US", "zh-CN"]) {
      const context = await browser.newContext({ baseURL: scriptedSite.url, colorScheme, locale });
      const reader = await context.newPage();
      for (const path of [address, `/battles/${id}`]) {
        await reader.goto(path);
        await expect(reader.getByRole("table").first()).toBeVisible();
        await expectNoViolation(reader);
      }
      await context.close();
    }
  }
});

test("a release stands on the data page with files that have the hashes it names", async ({ page }) => {
  await voted(page, "A vote for the release");
  await page.goto("/data");
  await expect(page.getByRole("heading", { level: 1, name: "Data" })).toBeVisible();
  const name = `e2e-${Date.now()}`;
  const command = ["lib/launcher/run.mjs", "votes", "export", "--release", name];
  await promisify(execFile)(process.execPath, command, {
    env: childEnv({ ...scriptedSite.env, NODE_OPTIONS: undefined }),
  });
  await page.reload();
  const files = page.getByRole("table", { name: `Files of release ${name}` });
  await expect(files.getByRole("link", { name: "texts.parquet" })).toBeVisible();
  await expectNoViolation(page);
  const row = files.getByRole("row").filter({ hasText: "votes.jsonl" });
  const sha256 = await row.locator("[title]").getAttribute("title");
  const href = await row.getByRole("link").getAttribute("href");
  const whole = await page.request.get(href ?? "");
  expect(
    createHash("sha256")
      .update(await whole.body())
      .digest("hex"),
  ).toBe(sha256);
  const part = await page.request.get(href ?? "", { headers: { range: "bytes=0-9" } });
  expect([part.status(), (await part.body()).length]).toEqual([206, 10]);
  await page.getByRole("combobox", { name: "Category" }).selectOption({ label: "Code" });
  const csv = page.getByRole("link", { name: "Pair counts as CSV" });
  await expect(csv).toHaveAttribute("href", "/api/data/pairs?board=blind&category=code&format=csv");
  expect((await page.request.get((await csv.getAttribute("href")) ?? "")).status()).toBe(200);
});

test("no page makes a request to another site", async ({ page }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== scriptedSite.url) foreign.push(request.url());
  });
  await voted(page, "Show me an image ![x](https://elsewhere.example/x.png) [[mock:markdown]]");
  await box(page).check();
  await expect(page.getByText("Published with the next release, until you untick it.")).toBeVisible();
  const id = new URL(page.url()).searchParams.get("battle");
  const paths = [
    ...["/", "/compare", "/chat", "/leaderboard", "/leaderboard/h2h?a=heron&b=stork", "/models/heron"],
    ...["/data", "/docs/api", "/history", "/privacy", `/battles/${id}`, "/nothing-here"],
  ];
  for (const path of paths) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
  }
  expect(foreign).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in Chinese, ${colorScheme}, on a phone`, () => {
    test.use({
      ...{ colorScheme, locale: "zh-CN", viewport: { width: 390, height: 844 } },
      ...{ hasTouch: true, isMobile: true },
    });

    test("publication fits 390 pixels without a violation", async ({ page }) => {
      await workers.start("heron");
      await workers.start("stork");
      const arena = new BattlePage(page);
      await arena.open();
      await arena.ask("我的手机号是13812345678，请记住");
      await expect(arena.voteButton("A 更好")).not.toHaveAttribute("aria-disabled", "true");
      await arena.voteButton("A 更好").click();
      await page.getByRole("button", { name: "分享" }).filter({ visible: true }).click();
      const dialog = page.getByRole("dialog", { name: "分享这场对战" });
      await dialog.getByRole("button", { name: "生成链接" }).click();
      await expect(dialog.locator("mark").first()).toHaveText("13812345678");
      await expectNoViolation(page);
      await dialog.getByRole("button", { name: "隐去后公开" }).click();
      const address = await dialog.getByRole("textbox", { name: "分享页的地址" }).inputValue();
      for (const path of [address, "/privacy", "/data", "/history"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        await expectNoViolation(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, path).toBeLessThanOrEqual(0);
      }
    });
  });
}
