import { describe, expect, it } from "vitest";
import {
  drainLeadMs,
  listSettings,
  readLauncherEnv,
  readSecretVariable,
  readServerEnv,
  readWorkerEnv,
} from "./index";

const server = {
  DATABASE_URL: "postgresql://db",
  ARENA_SECRET: "0123456789abcdef0123456789abcdef",
  ARENA_JOIN_TOKEN: "0123456789abcdef",
};

describe("the environment", () => {
  it("needs nothing to start", () => {
    expect(readLauncherEnv({})).toMatchObject({ HOST: "127.0.0.1", PORT: 3000, ARENA_DEMO_WORKERS: true });
  });

  it("takes an empty variable as unset", () => {
    expect(readLauncherEnv({ PORT: "", DATABASE_URL: "" })).toEqual(readLauncherEnv({}));
  });

  it("splits lists and keeps flags strict", () => {
    expect(readServerEnv({ ...server, ARENA_API_KEYS: " a, b,," }).ARENA_API_KEYS).toEqual(["a", "b"]);
    expect(readServerEnv({ ...server, ARENA_SECURE_COOKIES: "1" }).ARENA_SECURE_COOKIES).toBe(true);
    expect(() => readServerEnv({ ...server, ARENA_SECURE_COOKIES: "yes" })).toThrow("ARENA_SECURE_COOKIES");
  });

  it("knows the policies and the limits of the line", () => {
    expect(readServerEnv(server)).toMatchObject({
      ARENA_DISPATCH_POLICY: "least_outstanding",
      ARENA_QUEUE_LIMIT: 256,
      ARENA_QUEUE_DEADLINE_MS: 30_000,
      WEB_CONCURRENCY: 1,
    });
    for (const wrong of [
      { ARENA_DISPATCH_POLICY: "fastest" },
      { ARENA_QUEUE_LIMIT: "-1" },
      { ARENA_QUEUE_DEADLINE_MS: "0" },
      { WEB_CONCURRENCY: "0" },
    ]) {
      expect(() => readServerEnv({ ...server, ...wrong })).toThrow(Object.keys(wrong)[0]);
    }
  });

  it("needs no join token of its own, and takes one away", () => {
    const token = (ARENA_JOIN_TOKEN?: string) =>
      readServerEnv({ ...server, ARENA_JOIN_TOKEN }).ARENA_JOIN_TOKEN;
    expect(token(server.ARENA_JOIN_TOKEN)).toBe(server.ARENA_JOIN_TOKEN);
    for (const none of [undefined, "", "off"]) expect(token(none)).toBeUndefined();
    expect(() => token("short")).toThrow("ARENA_JOIN_TOKEN: at least 16 characters");
    // A worker has to have one.
    expect(() => readWorkerEnv({ ARENA_JOIN_TOKEN: "off" })).toThrow("ARENA_JOIN_TOKEN");
  });

  it("takes a provider for sign-in whole or not at all, and the site's address without a path", () => {
    const github = { ARENA_GITHUB_CLIENT_ID: "id", ARENA_GITHUB_CLIENT_SECRET: "secret" };
    expect(readServerEnv({ ...server, ...github })).toMatchObject(github);
    expect(() => readServerEnv({ ...server, ARENA_GITHUB_CLIENT_ID: "id" })).toThrow(
      "ARENA_GITHUB_CLIENT_SECRET: needed too where ARENA_GITHUB_CLIENT_ID is set",
    );
    expect(() => readServerEnv({ ...server, ARENA_OIDC_ISSUER: "https://id.example" })).toThrow(
      "ARENA_OIDC_CLIENT_ID",
    );
    const origin = (text: string) => readServerEnv({ ...server, ARENA_PUBLIC_URL: text }).ARENA_PUBLIC_URL;
    expect(origin("https://arena.example/")).toBe("https://arena.example");
    for (const wrong of ["https://arena.example/chat", "ftp://arena.example", "arena.example"]) {
      expect(() => origin(wrong)).toThrow("ARENA_PUBLIC_URL");
    }
  });

  it("believes no proxy unless it is told which", () => {
    const trusted = (TRUST_PROXY?: string) => readServerEnv({ ...server, TRUST_PROXY }).TRUST_PROXY;
    expect(trusted()).toBe(0);
    expect(trusted("2")).toBe(2);
    expect(trusted("10.0.0.0/8, ::1, loopback")).toEqual(["10.0.0.0/8", "::1", "loopback"]);
    for (const bad of ["true", "-1", "10.0.0.0/33", "10.0.0.0/8/8", "proxy.example", "1.5"]) {
      expect(() => trusted(bad)).toThrow("TRUST_PROXY");
    }
  });

  it("names what is wrong and never its value", () => {
    let message = "";
    try {
      readServerEnv({ ...server, ARENA_SECRET: "tiny-secret", PORT: "99999" });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("ARENA_SECRET");
    expect(message).toContain("PORT");
    expect(message).not.toMatch(/tiny-secret|99999/);
  });

  it("takes the lead of a stop from its limit", () => {
    const lead = (changes: Record<string, string>) => drainLeadMs(readServerEnv({ ...server, ...changes }));
    expect(lead({})).toBe(5_000);
    expect(lead({ ARENA_DRAIN_MS: "3000" })).toBe(1_500);
    expect(lead({ ARENA_DRAIN_MS: "60000" })).toBe(5_000);
    expect(lead({ ARENA_DRAIN_LEAD_MS: "0" })).toBe(0);
    expect(() => lead({ ARENA_DRAIN_MS: "3000", ARENA_DRAIN_LEAD_MS: "3001" })).toThrow(
      "ARENA_DRAIN_LEAD_MS",
    );
  });

  it("takes several servers for a worker, and none that is no address", () => {
    const servers = (text: string) => readWorkerEnv({ ARENA_CONTROLLER_URL: text }).ARENA_CONTROLLER_URL;
    expect(servers("http://a:3000, https://b.example")).toEqual(["http://a:3000", "https://b.example"]);
    expect(readWorkerEnv({}).ARENA_CONTROLLER_URL).toEqual(["http://127.0.0.1:3000"]);
    for (const bad of [",", "http://a:3000,b"]) expect(() => servers(bad)).toThrow("ARENA_CONTROLLER_URL");
  });

  it("lets a worker only register over http or https", () => {
    expect(() => readWorkerEnv({ ARENA_CONTROLLER_URL: "file:///etc/passwd" })).toThrow(
      "ARENA_CONTROLLER_URL",
    );
  });

  it("reads a named key, and says which one is missing or broken without its value", () => {
    expect(readSecretVariable("KEY", { KEY: "sk-1" })).toBe("sk-1");
    for (const KEY of [undefined, "", "sk-1 ", "sk-1\n", "sk-\u00e9"]) {
      let message = "";
      try {
        readSecretVariable("KEY", { KEY });
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/variable KEY (is not set|holds spaces)/);
      expect(message).not.toContain("sk-");
    }
  });

  it("refuses a variable that nothing reads, and names the one that was meant", () => {
    expect(() => readLauncherEnv({ ARENA_DATADIR: "/x" })).toThrow(
      "ARENA_DATADIR: there is no such setting; ARENA_DATA_DIR is near",
    );
    expect(() => readWorkerEnv({ ARENA_SOMETHING_ELSE_ALTOGETHER: "1" })).toThrow(
      /there is no such setting$/,
    );
    // Another program's, or nobody's of ours.
    expect(readWorkerEnv({ ARENA_DEMO_WORKERS: "0", ARENAS: "3" })).toMatchObject({ ARENA_WORKER_PORT: 0 });
  });

  it("says of every setting what it is for", () => {
    const settings = listSettings();
    expect(settings.find(({ name }) => name === "ARENA_DRAIN_MS")).toEqual({
      name: "ARENA_DRAIN_MS",
      readBy: ["server", "worker"],
      byDefault: "`10000`",
      meaning: "how long running answers may take to end at a stop",
    });
    expect(settings.find(({ name }) => name === "ARENA_SECRET")?.byDefault).toBe("made once by `npm start`");
  });
});
