import { expect, it } from "vitest";
import { serverChild, siteUrl, sourcePrograms, workerChildren } from "./children";

it.each([
  ["127.0.0.1", "http://127.0.0.1:3000"],
  ["0.0.0.0", "http://127.0.0.1:3000"],
  ["::", "http://[::1]:3000"],
  ["fd00::7", "http://[fd00::7]:3000"],
  ["arena.local", "http://arena.local:3000"],
])("a site on %s is reached at %s", (host, url) => {
  expect(siteUrl(host, 3000)).toBe(url);
});

it("its one server is balanced by nobody, and its workers are called by nobody else", async () => {
  const secrets = { secret: "s".repeat(64), joinToken: "j".repeat(32), databasePassword: "p".repeat(32) };
  const { joinToken } = secrets;
  const { spec } = serverChild(sourcePrograms, {
    ...{ host: "10.0.0.5", port: 3000, databaseUrl: "postgresql://127.0.0.1/arena" },
    ...{ secrets, joinToken, logs: "logs", releases: "releases" },
  });
  expect(spec.env["ARENA_DRAIN_LEAD_MS"]).toBe("0");
  const workers = await workerChildren(sourcePrograms, {
    url: "http://10.0.0.5:3000",
    joinToken,
    logs: "logs",
  });
  expect(workers.map(({ env }) => env["ARENA_WORKER_HOST"])).toEqual(workers.map(() => "127.0.0.1"));
});
