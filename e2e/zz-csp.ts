import { chromium } from "@playwright/test";
import { findChromium } from "/work/wt-trust/e2e/run/find-chromium";
const base = process.argv[2];
const chrome = await findChromium();
const browser = await chromium.launch({ executablePath: chrome.executablePath, args: [...chrome.args, "--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
const faults: string[] = [];
page.on("console", (m) => { if (m.type() === "error" || /policy/i.test(m.text())) faults.push(`${page.url()} ${m.text()}`); });
page.on("pageerror", (e) => faults.push(`${page.url()} PAGEERROR ${e.message}`));
for (const path of ["/", "/compare", "/chat", "/leaderboard", "/history", "/integrity", "/docs/api", "/nope"]) {
  const s = performance.now();
  const r = await page.goto(base + path, { waitUntil: "networkidle" });
  const csp = r?.headers()["content-security-policy"] ?? "";
  const un = await page.evaluate(() => [...document.scripts].filter((x) => !x.nonce && !x.src).length);
  console.log(path, r?.status(), csp.slice(0, 70), "inline without nonce:", un, (performance.now() - s).toFixed(0));
}
await page.goto(base + "/integrity"); await page.screenshot({ path: "/tmp/trust-integrity.png", fullPage: true });
await context.addCookies([{ name: "locale", value: "zh", url: base }]);
await page.setViewportSize({ width: 390, height: 844 }); await page.emulateMedia({ colorScheme: "dark" });
await page.goto(base + "/integrity"); await page.screenshot({ path: "/tmp/trust-integrity-zh.png", fullPage: true });
console.log(faults.join("\n") || "no faults");
await browser.close();
