import { expect, type Page, test } from "@playwright/test";
import { BattlePage } from "../fixtures/battle-page";

/** Names, makers and engines of what the real site serves: none may reach the browser before the vote. */
const tellTale = /demo[-_ ]?(1m|4m|13m)|llama|gguf|node-llama|worker|chatcmpl|system_fingerprint/i;

/** Every byte that `/api` sends this page, headers included, from now on. */
function listen(page: Page) {
  const heard: string[] = [];
  const reading: Promise<unknown>[] = [];
  page.on("response", (response) => {
    if (!new URL(response.url()).pathname.startsWith("/api/")) return;
    heard.push(JSON.stringify(response.headers()));
    // A stream goes on while the vote is open, and has no text to give; its events are in the page itself.
    if (response.headers()["content-type"]?.startsWith("text/event-stream")) return;
    reading.push(response.text().then((text) => heard.push(text)));
  });
  return { heard, settled: () => Promise.all(reading) };
}

test("two real models answer, the vote names them and moves the board", async ({ page }) => {
  const arena = new BattlePage(page);
  const { heard, settled } = listen(page);
  await arena.open();
  const document = await page.content();
  const before = (await (await page.request.get("/api/leaderboard")).json()) as { votes: number };

  await arena.ask("What is 54 + 3?");
  await arena.voteOpens();
  await settled();
  for (const side of ["A", "B"] as const) await expect(arena.answer(side)).not.toBeEmpty();
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.join("\n")).not.toMatch(tellTale);
  // The page itself: what it shows and what the server put into it.
  await expect(page.getByRole("main")).not.toContainText(tellTale);
  expect(document).not.toMatch(/demo-(1m|4m|13m)/);

  await arena.voteButton("B is better").click();
  await expect(page.getByText("Vote saved: B is better.").first()).toBeVisible();
  await expect(page.getByText("Your vote").first()).toBeVisible();
  await expect(page.getByRole("main")).toContainText(/Demo.?(1M|4M|13M)/i);
  await expect(page.getByRole("button", { name: /New battle/ }).last()).toBeFocused();

  await page.getByRole("link", { name: "Leaderboard" }).click();
  await expect(page.getByRole("heading", { name: "Leaderboard" })).toBeVisible();
  await expect(page.getByText(`${before.votes + 1} blind vote`).first()).toBeVisible();
  await expect(page.getByText(/demo.?13m/i).first()).toBeVisible();
});

test("a whole battle by the keyboard alone", async ({ page }) => {
  const arena = new BattlePage(page);
  await arena.open();
  await expect(arena.composer).toBeFocused();
  await page.keyboard.type("Sort these numbers: 9, 2, 7");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("Smallest first.");
  await page.keyboard.press("Enter");
  await arena.voteOpens();
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
  await page.keyboard.press("n");
  await expect(arena.composer).toBeFocused();
  await expect(page.getByRole("heading", { name: "Ask two models. Judge the answers." })).toBeVisible();
});

test("suggestions are of the kinds that the bundled models know, and only fill the composer", async ({
  page,
}) => {
  const arena = new BattlePage(page);
  await arena.open();
  const suggestions = page.getByRole("region", { name: "Suggestions" }).getByRole("button");
  await expect(suggestions).toHaveCount(18);
  await suggestions.first().click();
  await expect(arena.composer).toBeFocused();
  expect(await arena.composer.inputValue()).not.toBe("");
  await expect(page).not.toHaveURL(/battle=/);
});

test("the language can be switched, and a menu that cannot be fetched leaves the page standing", async ({
  page,
}) => {
  const arena = new BattlePage(page);
  await arena.open();
  await arena.composer.fill("What is 54 + 3?");
  await page.route("**/_next/static/**", (route) => route.abort("internetdisconnected"));
  await page.getByRole("button", { name: "Language" }).click();
  await expect(arena.composer).toHaveValue("What is 54 + 3?");
  await expect(page.getByRole("menu")).toHaveCount(0);

  await page.unroute("**/_next/static/**");
  await page.reload();
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitemradio", { name: "中文" }).click();
  await expect(page.getByRole("heading", { name: "两个模型，一个问题，由你评判" })).toBeVisible();
  await expect(arena.composer).toHaveValue("What is 54 + 3?");
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("a battle in Chinese words", async ({ page }) => {
    const arena = new BattlePage(page);
    await arena.open();
    await expect(page.getByRole("heading", { name: "两个模型，一个问题，由你评判" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
    await arena.ask("54 加 3 等于多少？");
    await expect(page.getByText("两边都已完成。可以投票，也可以继续追问。").first()).toBeAttached({
      timeout: 45_000,
    });
    await arena.voteButton("A 更好").click();
    await expect(page.getByText("已保存：A 更好。").first()).toBeVisible();
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("tabs, vote and reveal fit 390 pixels", async ({ page }) => {
    const arena = new BattlePage(page);
    await arena.open();
    await arena.ask("What is 70 + 54?");
    await arena.voteOpens();
    await page.getByRole("tab", { name: /Assistant B/ }).click();
    await expect(arena.answer("B")).toBeInViewport({ ratio: 0.9 });
    await expect(arena.answer("A")).not.toBeInViewport({ ratio: 0.1 });
    await arena.voteButton("A is better").click();
    await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
