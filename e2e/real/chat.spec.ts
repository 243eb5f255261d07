import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../fixtures/accessibility";
import { ChatPage } from "../fixtures/chat-page";

test("a chat with a real model by the keyboard alone", async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.openWith("demo-13m");
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type("What is 54 + 3?");
  await page.keyboard.press("Enter");
  await chat.says("demo-13m has finished.");
  await expect(chat.answer("demo-13m")).not.toBeEmpty();

  await page.getByRole("button", { name: /^Model: / }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Find a model" })).toBeFocused();
  await page.keyboard.type("4m");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Model: demo-4m" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(chat.composer).toBeFocused();
  await page.keyboard.press("Control+.");
  await expect(page.getByRole("complementary", { name: "Parameters" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Temperature" })).toHaveAttribute("placeholder", "0.80");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test.describe(`${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale });

      test("the chat, its drawer, its picker and its menu have no violation", async ({ page }) => {
        const chat = new ChatPage(page);
        await chat.open();
        await expect(page.getByRole("button", { name: /demo-13m/ })).toBeVisible();
        await expectNoViolation(page);
        await chat.ask("Translate to Spanish: good morning");
        await chat.says(/has finished|已完成/);
        await page.keyboard.press("Control+.");
        await expect(page.getByRole("textbox", { name: /Temperature|温度/ })).toBeVisible();
        await page.getByRole("textbox", { name: /Temperature|温度/ }).fill("9");
        await expectNoViolation(page);
        await page.getByRole("button", { name: /^(Model|模型): / }).click();
        await expect(page.getByRole("textbox", { name: /Find a model|查找模型/ })).toBeFocused();
        await expectNoViolation(page);
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: /More for|的更多操作/ }).click();
        await expect(page.getByRole("menuitem", { name: /Delete|删除/ })).toBeVisible();
        await expectNoViolation(page);
      });
    });
  }
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("the list and the parameters are sheets, and everything fits 390 pixels", async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.openWith("demo-13m");
    await chat.ask("What is 70 + 54?");
    await chat.says("demo-13m has finished.");
    await page.getByRole("button", { name: "Parameters" }).click();
    const drawer = page.getByRole("dialog", { name: "Parameters" });
    await drawer.getByRole("textbox", { name: "Max tokens" }).fill("64");
    await drawer.getByRole("button", { name: "Close the parameters" }).click();
    await page.getByRole("button", { name: "Show chats" }).click();
    const sheet = page.getByRole("dialog", { name: "Chats" });
    await expect(sheet.getByRole("link", { name: "What is 70 + 54?" })).toBeVisible();
    await expectNoViolation(page);
    await sheet.getByRole("button", { name: "New chat" }).click();
    await expect(sheet).toHaveCount(0);
    await expect(page.getByRole("heading", { name: "Chat with one model" })).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
