import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const plain = scenarioText("plain");

test("a chat streams, has an address, is named, and never becomes a vote", async ({ page }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  const before = await (await page.request.get("/api/leaderboard")).json();
  await chat.ask("First question");
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await chat.says("heron has finished.");
  await expect(chat.answer("heron")).toContainText(plain);
  await expect(chat.answer("heron")).toContainText(/tokens in, \d+ out/);
  await expect(chat.row("First question")).toHaveAttribute("aria-current", "page");
  await chat.ask("Second question [[mock:markdown]]");
  await expect(chat.log.getByRole("heading", { name: "A short report" })).toBeVisible();
  await expect(chat.log.getByRole("table")).toBeVisible();
  const after = await (await page.request.get("/api/leaderboard")).json();
  expect(after.votes).toBe(before.votes);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Chat with one model" })).toBeVisible();
});

test("a reload in the middle re-attaches without losing or doubling a character", async ({ page }) => {
  await workers.start("heron", { scenario: "slow" });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Tell me something slowly");
  await expect(chat.answer("heron")).toContainText("scripted answer");
  await page.reload();
  await chat.says("heron has finished.");
  await expect(chat.answer("heron")).toContainText(plain);
  expect(await chat.answer("heron").textContent()).not.toContain(plain + plain);
});

test("a lost connection comes back, and a second tab follows along", async ({ page, context }) => {
  await workers.start("heron", { scenario: "slow" });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Slowly, please");
  await expect(chat.answer("heron")).toContainText("scripted");
  const other = new ChatPage(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await context.setOffline(false);
  for (const tab of [chat, other]) {
    await tab.says("heron has finished.");
    await expect(tab.answer("heron")).toContainText(plain);
  }
});

test("Esc stops, the text stays, and the next message goes on from it", async ({ page }) => {
  await workers.start("heron", { scenario: "long", delayMs: 50 });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Write for ever");
  await expect(chat.answer("heron")).toContainText("Paragraph 1 ");
  await chat.composer.press("Escape");
  await chat.says("Stopped by you.");
  await expect(chat.answer("heron")).toContainText("Paragraph 1 ");
  await chat.ask("Short now [[mock:plain]]");
  await expect(chat.answer("heron").last()).toContainText(plain);
});

test("branches: edit, answer again with another model, walk between them, branch off", async ({ page }) => {
  await workers.startPair();
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("One [[mock:plain]]");
  await chat.says("heron has finished.");

  await chat.answer("heron").getByRole("button", { name: "Answer again with another model" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^stork/ })
    .click();
  await chat.says("stork has finished.");
  await expect(page.getByRole("button", { name: "Model: stork" })).toBeVisible();
  const places = chat.log.getByRole("group", { name: "Branches" });
  await expect(places).toHaveText("2 / 2");
  await places.getByRole("button", { name: "Previous branch" }).click();
  await expect(chat.answer("heron")).toBeVisible();
  await expect(places).toHaveText("1 / 2");

  await chat.prompt("One").hover();
  await chat.prompt("One").getByRole("button", { name: "Edit and branch" }).click();
  const editor = page.getByRole("textbox", { name: "Edit the message" });
  await editor.fill("One, mended [[mock:cjk]]");
  await editor.press("Enter");
  await expect(chat.answer("stork")).toContainText("👩‍👩‍👧‍👦");
  await chat.says("stork has finished.");
  await page.reload();
  await expect(chat.prompt("One, mended")).toBeVisible();
  await chat.ask("Two [[mock:plain]]");
  await chat.says("stork has finished.");
  await expect(chat.answer("stork")).toHaveCount(2);
  await chat.answer("stork").first().getByRole("button", { name: "Branch off here" }).click();
  await expect(page.getByText("Your next message begins a new branch here.")).toBeVisible();
  await chat.ask("Instead of two [[mock:plain]]");
  await chat.says("stork has finished.");
  await expect(chat.prompt("Instead of two").getByRole("group", { name: "Branches" })).toHaveText("2 / 2");
});

test("a chat is found, renamed, pinned, deleted, brought back, and exported", async ({ page }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Alpha");
  await chat.says("heron has finished.");
  await page.keyboard.press("Control+Shift+o");
  await expect(chat.composer).toBeFocused();
  await chat.ask("Beta");
  await expect(chat.row("Beta")).toHaveAttribute("aria-current", "page");
  await chat.says("heron has finished.");

  await chat.choose("Alpha", "Rename");
  const title = page.getByRole("textbox", { name: "New title" });
  await title.fill("Gamma ray");
  await title.press("Enter");
  await chat.choose("Gamma ray", "Pin");
  await expect(chat.list.getByRole("heading", { name: "Pinned" })).toBeVisible();
  await expect(chat.list.getByRole("link").first()).toHaveText("Gamma ray");

  await page.keyboard.press("Control+k");
  const search = page.getByRole("searchbox", { name: "Search chats" });
  await expect(search).toBeFocused();
  await search.fill("gamma");
  await expect(chat.list.getByRole("link")).toHaveText(["Gamma ray"]);
  await search.fill("nothing like it");
  await expect(page.getByText("No chat holds “nothing like it”.")).toBeVisible();
  await search.press("Escape");
  await expect(chat.list.getByRole("link")).toHaveCount(2);

  await chat.choose("Beta", "Delete");
  await expect(page.getByRole("heading", { name: "Chat with one model" })).toBeVisible();
  await expect(chat.row("Beta")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(chat.row("Beta")).toHaveAttribute("aria-current", "page");
  await expect(chat.answer("heron")).toContainText(plain);

  const files = await Promise.all(
    ["Markdown, this branch", "JSON, all branches"].map(async (name) => {
      const arriving = page.waitForEvent("download", (file) =>
        file.suggestedFilename().endsWith(name[0] === "M" ? ".md" : ".json"),
      );
      return { name, arriving };
    }),
  );
  for (const { name, arriving } of files) {
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name }).click();
    const text = await readFile(await (await arriving).path(), "utf8");
    if (name.startsWith("M")) expect(text).toBe(`# Beta\n\n## You\n\nBeta\n\n## heron\n\n${plain}\n`);
    else
      expect(JSON.parse(text)).toMatchObject({
        title: "Beta",
        messages: [{ text: "Beta" }, { text: plain }],
      });
  }
});

test("parameters and persona are kept with the chat, show their defaults, and can be reset", async ({
  page,
}) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await page.keyboard.press("Control+.");
  const drawer = page.getByRole("complementary", { name: "Parameters" });
  const temperature = drawer.getByRole("textbox", { name: "Temperature" });
  await temperature.fill("5");
  await expect(drawer.getByText("From 0 to 2")).toBeVisible();
  await temperature.fill("0.3");
  await drawer.getByRole("combobox", { name: "Persona" }).selectOption({ label: "Brief answers" });
  await expect(drawer.getByText("2 changed from the defaults")).toBeVisible();
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await chat.ask("With settings");
  expect((await sent).postDataJSON()).toMatchObject({ parameters: { temperature: 0.3 } });
  await chat.says("heron has finished.");
  await page.reload();
  await expect(page.getByRole("button", { name: "Parameters" })).toContainText("2");
  await page.getByRole("button", { name: "Parameters" }).click();
  await expect(temperature).toHaveValue("0.30");
  const stored = page.waitForResponse((response) => response.request().method() === "PATCH");
  await drawer.getByRole("button", { name: "Reset all" }).click();
  expect(await (await stored).json()).toMatchObject({ systemPrompt: "", parameters: {} });
  await expect(drawer.getByText("All at their defaults")).toBeVisible();
});

test("a model that dies says so and can be tried again; thumbs stay", async ({ page }) => {
  const dying = await workers.start("heron", { scenario: "dies" });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Go on until you die");
  await expect(page.getByText("heron stopped before it had finished").first()).toBeVisible();
  await expect(page.getByText("Your message and the part above are kept.")).toBeVisible();
  await dying.stop();
  await workers.start("heron");
  await page.getByRole("button", { name: "Try again" }).click();
  await chat.says("heron has finished.");
  await chat.answer("heron").getByRole("button", { name: "Good answer" }).click();
  await expect(chat.answer("heron").getByRole("button", { name: "Good answer" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await page.reload();
  await expect(chat.answer("heron").getByRole("button", { name: "Good answer" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
});

test("another visitor finds nothing at the address", async ({ page, browser, baseURL }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Mine alone");
  await chat.says("heron has finished.");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const stranger = await browser.newContext({ baseURL });
  expect((await stranger.request.get(`/api/chat/conversations/${id}`)).status()).toBe(404);
  const elsewhere = await stranger.newPage();
  await elsewhere.goto(`/chat/${id}`);
  await expect(
    elsewhere.getByText("There is no such chat here, or it belongs to another visitor."),
  ).toBeVisible();
  await expect(elsewhere.getByText("Mine alone")).toHaveCount(0);
  await stranger.close();
});

test("Enter that ends an input method's composition does not send", async ({ page }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.composer.fill("你好");
  await chat.composer.dispatchEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true });
  await expect(chat.composer).toHaveValue("你好");
  await expect(page).toHaveURL(/\/chat$/);
});

test("without a model the text is kept", async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await expect(page.getByRole("heading", { name: "No model is being served" })).toBeVisible();
  await chat.ask("Is anybody there?");
  await expect(page.getByText("No model is free just now. Your text is kept.")).toBeVisible();
  await expect(chat.composer).toHaveValue("Is anybody there?");
  await workers.start("heron");
  await expect(page.getByRole("button", { name: "Model: heron" })).toBeVisible();
  await chat.composer.press("Enter");
  await expect(chat.answer("heron")).toContainText(plain);
});

test("the keys lead to search, a new chat, the parameters and the last message", async ({ page }) => {
  await workers.startPair();
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("A message to mend");
  await chat.says("heron has finished.");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("textbox", { name: "Edit the message" })).toHaveValue("A message to mend");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+k");
  const search = page.getByRole("searchbox", { name: "Search chats and models" });
  await expect(search).toBeFocused();
  await search.fill("sto");
  await chat.list.getByRole("button", { name: "stork" }).click();
  await expect(page.getByRole("button", { name: "Model: stork" })).toBeVisible();
  await expect(chat.composer).toBeFocused();

  await page.keyboard.press("Control+.");
  await expect(page.getByRole("heading", { name: "Parameters" })).toBeVisible();
  await page.keyboard.press("Control+.");
  await expect(page.getByRole("heading", { name: "Parameters" })).toBeHidden();
  await page.keyboard.press("Control+Shift+o");
  await expect(page).toHaveURL(/\/chat$/);
  await expect(chat.composer).toBeFocused();
});
