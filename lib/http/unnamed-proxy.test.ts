import Fastify from "fastify";
import { expect, it } from "vitest";
import { isByUnnamedProxy } from "./unnamed-proxy";

async function isSeen(
  trustProxy: boolean | string[] | ((address: string, hop: number) => boolean),
  headers: Record<string, string>,
  remoteAddress = "127.0.0.1",
): Promise<boolean> {
  const app = Fastify({ trustProxy });
  app.get("/", async (request) => isByUnnamedProxy(request));
  return (await app.inject({ url: "/", headers, remoteAddress })).json<boolean>();
}

it.each(["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"])(
  "is seen by %s, where nobody is believed",
  async (name) => {
    expect(await isSeen(false, { [name]: "203.0.113.7" })).toBe(true);
    expect(await isSeen(false, { [name]: "203.0.113.7" }, "172.18.0.1")).toBe(true);
    expect(await isSeen(false, { [name]: "203.0.113.7" }, "::ffff:10.0.0.3")).toBe(true);
    // Anybody on the Internet may write such a header; the site's own proxy is not there.
    expect(await isSeen(false, { [name]: "203.0.113.7" }, "203.0.113.7")).toBe(false);
  },
);

it("is not seen where the proxy is named, nor where there is none", async () => {
  const forwarded = { "x-forwarded-for": "203.0.113.7" };
  expect(await isSeen((_address, hop) => hop < 1, forwarded)).toBe(false);
  expect(await isSeen(["127.0.0.0/8"], forwarded)).toBe(false);
  expect(await isSeen(["10.0.0.0/8"], forwarded)).toBe(true);
  expect(await isSeen(false, {})).toBe(false);
  expect(await isSeen((_address, hop) => hop < 1, { "x-forwarded-for": "127.0.0.1" })).toBe(false);
});
