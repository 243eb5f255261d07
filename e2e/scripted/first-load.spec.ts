import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";

/** KiB of compressed JavaScript that the first page may cost before the first message. */
const mostKib = 170;
/** KiB of its compressed HTML: the words of the parts that are on the page, and none of the console's or the guide's. */
const mostDocumentKib = 20;

test("the first page does not grow beyond its budget of HTML and scripts", async ({ page }) => {
  const sizes = new Map<string, Promise<number>>();
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.set(
      response.url(),
      response.body().then((body) => gzipSync(body).length),
    );
  });
  const answer = await page.goto("/", { waitUntil: "networkidle" });
  await expect(page.getByRole("textbox", { name: "Message to both models" })).toBeVisible();
  const all = await Promise.all(sizes.values());
  expect(all.length).toBeGreaterThan(3);
  expect(all.reduce((sum, size) => sum + size, 0) / 1024).toBeLessThanOrEqual(mostKib);
  const html = gzipSync((await answer?.body()) ?? "").length;
  expect(html / 1024).toBeGreaterThan(5);
  expect(html / 1024).toBeLessThanOrEqual(mostDocumentKib);
});
