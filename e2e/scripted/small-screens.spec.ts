import { expect, test } from "@playwright/test";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { BattlePage } from "../fixtures/battle-page";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();

test("on a phone an answer is copied whole, and a browser that refuses is named", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.setViewportSize({ width: 390, height: 844 });
  await workers.startPair({ scenario: "markdown" });
  const arena = new BattlePage(page);
  await arena.begin("Copy me");
  const pane = page.getByRole("tabpanel", { name: "Assistant A" });
  const copy = pane.getByRole("button", { name: "Copy the answer" });
  await copy.click();
  await expect(pane.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(scenarioText("markdown"));

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("Denied", "NotAllowedError"));
    document.execCommand = () => false;
  });
  await copy.click();
  await expect(pane.getByRole("button", { name: "The browser did not allow copying" })).toBeVisible();
});

test("on a phone a chat that was deleted is brought back from the list that lies over the page", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Alpha");
  await chat.says("heron has finished.");
  await page.getByRole("button", { name: "Show chats" }).click();
  const sheet = page.getByRole("dialog", { name: "Chats" });
  await sheet.getByRole("button", { name: "More for “Alpha”" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(sheet.getByRole("link", { name: "Alpha" })).toHaveCount(0);
  await sheet.getByRole("button", { name: "Undo" }).click();
  await expect(sheet.getByRole("link", { name: "Alpha" })).toBeVisible();
});

for (const width of [700, 900, 1440])
  test(`the reveal leads to the head-to-head page at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await workers.startPair();
    const arena = new BattlePage(page);
    await arena.begin("Who is who?");
    await arena.voteButton("Tie").click();
    await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
    await page.getByRole("link", { name: "Head to head" }).click();
    await expect(page).toHaveURL(/\/leaderboard\/h2h\?/);
  });
