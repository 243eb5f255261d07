import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";

/** KiB of compressed JavaScript that the first page may cost before the first message. */
const mostKib = 170;

test("the first page does not grow beyond its budget of scripts", async ({ page }) => {
  const sizes = new Map<string, Promise<number>>();
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.set(
      response.url(),
      response.body().then((body) => gzipSync(body).length),
    );
  });
  await page.goto("/", { waitUntil: "networkidle" });
  await expect(page.getByRole("textbox", { name: "Message to both models" })).toBeVisible();
  const all = await Promise.all(sizes.values());
  expect(all.length).toBeGreaterThan(3);
  expect(all.reduce((sum, size) => sum + size, 0) / 1024).toBeLessThanOrEqual(mostKib);
});
