import { expect, type Page, type Route, test } from "@playwright/test";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const plain = scenarioText("plain");
const starts = "**/api/chat/conversations";
const messages = "**/api/chat/conversations/*/messages";

test.afterEach(async ({ page }) => {
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

/** The server does what it is asked, and nobody learns of it. */
async function loseAnswers(page: Page, path: string, times?: number): Promise<void> {
  const lose = async (route: Route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await route.fetch();
    await route.abort("connectionreset");
  };
  await page.route(path, lose, { times });
}

async function answered(page: Page, text: string): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask(text);
  await chat.says("heron has finished.");
  return chat;
}

for (const times of [1, undefined]) {
  test(`a message whose answer is lost ${times === 1 ? "once" : "each time"} is there once, and streams`, async ({
    page,
  }) => {
    await workers.start("heron", { scenario: "slow" });
    const chat = await answered(page, "First [[mock:plain]]");
    await loseAnswers(page, messages, times);
    await chat.ask("Second");
    await expect(chat.answer("heron")).toHaveCount(2);
    await expect(chat.answer("heron").last()).toContainText(plain);
    await expect(chat.composer).toHaveValue("");
    await page.reload();
    await expect(chat.prompt("Second")).toHaveCount(1);
    await expect(chat.log.getByRole("group", { name: "Branches" })).toHaveCount(0);
    await expect(chat.composer).toHaveValue("");
  });
}

test("the first message of a chat whose answer is lost begins one chat, also when it is sent again", async ({
  page,
}) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await loseAnswers(page, starts);
  await chat.ask("Only once");
  await expect(page.getByText("The connection dropped. Your text is kept.")).toBeVisible();
  await expect(chat.composer).toHaveValue("Only once");
  // The tab remembers across a reload what it has asked.
  await page.unrouteAll();
  await page.reload();
  await expect(page.getByRole("button", { name: "Model: heron" })).toBeVisible();
  await expect(chat.composer).toHaveValue("Only once");
  await chat.composer.press("Enter");
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(chat.answer("heron")).toContainText(plain);
  await page.reload();
  await expect(chat.row("Only once")).toHaveCount(1);
});

test("a message that cannot go out waits in its own chat when that was left meanwhile", async ({ page }) => {
  await workers.start("heron");
  const chat = await answered(page, "First");
  const held: Route[] = [];
  await page.route(messages, (route) => void held.push(route));
  await chat.ask("Second");
  await expect.poll(() => held.length).toBe(1);
  await page.keyboard.press("Control+Shift+o");
  await expect(page).toHaveURL(/\/chat$/);
  await expect(page).toHaveTitle("Chat · Chat Arena");
  await expect(chat.composer).toHaveValue("");
  await held[0]?.fulfill({ status: 503, json: { error: { code: "no_worker_available", details: {} } } });
  await expect(page.getByText("A message in another chat did not go out.")).toBeVisible();
  await chat.row("First").click();
  await expect(chat.composer).toHaveValue("Second");
  await expect(page.getByText("A message in another chat did not go out.")).toHaveCount(0);
});

test("Esc takes back what is still on its way", async ({ page }) => {
  await workers.start("heron");
  const chat = await answered(page, "First");
  await page.route(messages, () => undefined);
  await page.route("**/regenerate", () => undefined);
  await chat.ask("Second thoughts");
  await expect(chat.prompt("Second thoughts")).toBeVisible();
  await chat.composer.press("Escape");
  await expect(chat.composer).toHaveValue("Second thoughts");
  await expect(chat.prompt("Second thoughts")).toHaveCount(0);

  await chat.answer("heron").getByRole("button", { name: "Answer again", exact: true }).click();
  await expect(page.getByRole("button", { name: /^Stop/ })).toBeVisible();
  await page.getByRole("button", { name: /^Stop/ }).click();
  await expect(chat.answer("heron")).toContainText(plain);
  await expect(chat.composer).toHaveValue("Second thoughts");
});

test("Esc on the first message of a chat gives it back at once, and stops it when the server has begun it", async ({
  page,
}) => {
  await workers.start("heron", { scenario: "long", delayMs: 50 });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  const stopped = page.waitForResponse("**/stop");
  await page.route(starts, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await chat.composer.press("Escape");
    await expect(chat.composer).toHaveValue("Write for ever");
    return route.continue();
  });
  await chat.ask("Write for ever");
  expect((await stopped).status()).toBe(200);
  await expect(page).toHaveURL(/\/chat\?|\/chat$/);
  await expect(chat.composer).toHaveValue("Write for ever");
  await chat.row("Write for ever").click();
  await expect(page.getByText("Stopped by you", { exact: true })).toBeVisible();
});

test("what cannot be saved says so, and the message is asked with what is shown", async ({ page }) => {
  await workers.startPair();
  const chat = await answered(page, "First");
  await page.route("**/api/chat/conversations/*", (route) =>
    route.request().method() === "PATCH" ? route.abort() : route.fallback(),
  );
  await page.getByRole("button", { name: "Model: heron" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^stork/ })
    .click();
  await expect(page.getByText("Not saved yet")).toBeVisible();
  await chat.ask("Who are you?");
  await expect(chat.answer("stork")).toContainText(plain);
  await expect(page.getByText("Not saved yet")).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("button", { name: "Model: stork" })).toBeVisible();
});

test("a tab that is looked at again shows the model that another one has chosen", async ({
  page,
  context,
}) => {
  await workers.startPair();
  await answered(page, "First");
  const second = await context.newPage();
  await new ChatPage(second).openWith("heron", new URL(page.url()).pathname);
  const saved = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.getByRole("button", { name: "Model: heron" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^stork/ })
    .click();
  expect((await saved).status()).toBe(200);
  await second.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(second.getByRole("button", { name: "Model: stork" })).toBeVisible();
});

test("a model list that cannot be fetched is not a site without models", async ({ page }) => {
  await workers.start("heron");
  await page.route("**/api/chat/models", (route) => route.abort());
  const chat = new ChatPage(page);
  await chat.open();
  await expect(page.getByRole("heading", { name: "The models could not be fetched" })).toBeVisible();
  await page.unrouteAll();
  await expect(page.getByRole("button", { name: "Model: heron" })).toBeVisible();
});

test("an address that leads nowhere is not one that the back button leads to", async ({ page }) => {
  await page.goto("/leaderboard");
  await page.goto("/chat/01900000-0000-7000-8000-0000000000ff");
  await expect(page.getByText("There is no such chat here, or it belongs to another visitor.")).toBeVisible();
  await expect(page).toHaveURL(/\/chat$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/leaderboard$/);
});

test("two chats that were deleted one after the other come back together", async ({ page }) => {
  await workers.start("heron");
  const chat = await answered(page, "Alpha");
  await page.keyboard.press("Control+Shift+o");
  await chat.ask("Beta");
  await expect(chat.row("Beta")).toHaveAttribute("aria-current", "page");
  await chat.says("heron has finished.");
  await chat.choose("Alpha", "Delete");
  await chat.choose("Beta", "Delete");
  await expect(page.getByText("2 chats deleted")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(chat.row("Alpha")).toBeVisible();
  await expect(chat.row("Beta")).toHaveAttribute("aria-current", "page");
});

test("all chats are deleted from the history, with what was shared of them", async ({
  page,
  browser,
  baseURL,
}) => {
  await workers.start("heron");
  const chat = await answered(page, "A private matter");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this chat" });
  await dialog.getByRole("button", { name: "Create the link" }).click();
  const address = await dialog.getByRole("textbox", { name: "Address of the shared page" }).inputValue();

  await page.goto("/history");
  await expect(page.getByRole("link", { name: "A private matter" })).toBeVisible();
  await page.getByRole("button", { name: "Delete all chats" }).click();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expect(page.getByText("this cannot be undone")).toBeVisible();
  await page.getByRole("button", { name: "Delete all of them" }).click();
  await expect(page.getByText("1 chat was deleted.")).toBeVisible();
  await expect(page.getByText("You have published nothing.")).toBeVisible();
  const stranger = await browser.newContext({ baseURL });
  expect((await stranger.request.get(address)).status()).toBe(404);
  await stranger.close();
  await chat.open();
  await expect(page.getByText("No chats yet. The first one appears here.")).toBeVisible();
});
