import { expect, test } from "@playwright/test";

test("a request of the API reference is changed, sent and answered", async ({ page }) => {
  await page.goto("/docs/api");
  const section = page.getByRole("region", { name: "Answer a conversation" });
  await section.getByText("Try it").click();
  const body = section.getByRole("textbox", { name: "Body" });
  const request = JSON.parse(await body.inputValue());
  await body.fill(JSON.stringify({ ...request, max_tokens: 16 }));
  await section.getByRole("button", { name: "Send" }).click();
  await expect(section.getByRole("status")).toContainText("Status 200");
  await expect(section.getByRole("region", { name: "Answer" })).toContainText('"object": "chat.completion"');

  await body.fill(JSON.stringify({ ...request, max_tokens: 16, stream: true }));
  await section.getByRole("button", { name: "Send" }).click();
  await expect(section.getByRole("region", { name: "Answer" })).toContainText("data: [DONE]");

  await body.fill(JSON.stringify({ ...request, temperature: "hot" }));
  await section.getByRole("button", { name: "Send" }).click();
  await expect(section.getByRole("status")).toContainText("Refused with status 400");
  await expect(section.getByRole("region", { name: "Answer" })).toContainText('"param": "temperature"');
});

test("the examples name this site's address, and the arrow keys change the language", async ({
  page,
  baseURL,
}) => {
  await page.goto("/docs/api");
  const section = page.getByRole("region", { name: "Count the tokens of a text" });
  await expect(section.getByRole("tabpanel")).toContainText(`curl ${baseURL}/v1/tokenize`);
  await section.getByRole("tab", { name: "curl" }).press("ArrowLeft");
  await expect(section.getByRole("tab", { name: "TypeScript" })).toBeFocused();
  await expect(section.getByRole("tabpanel")).toContainText('client.post("/tokenize"');
});

test("a key stays in its tab", async ({ page, context }) => {
  await page.goto("/docs/api");
  await page.getByLabel(/API key/).fill("sk-of-this-tab");
  const sent = page.waitForRequest("**/v1/models");
  const section = page.getByRole("region", { name: "List the models" });
  await section.getByText("Try it").click();
  await section.getByRole("button", { name: "Send" }).click();
  expect((await sent).headers()["authorization"]).toBe("Bearer sk-of-this-tab");
  const other = await context.newPage();
  await other.goto("/docs/api");
  await expect(other.getByLabel(/API key/)).toHaveValue("");
});
