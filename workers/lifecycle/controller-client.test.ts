import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError, renderJsonError } from "@/lib/errors";
import type { RegisterRequest } from "@/lib/protocol";
import { createControllerClient } from "./controller-client";

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const registration = { instanceId: "x" } as RegisterRequest;
const registered = {
  workerId: "0199d0a0-0000-7000-8000-000000000002",
  secret: "s".repeat(32),
  heartbeatMs: 10,
};

describe("createControllerClient", () => {
  it("sends the join token to register, and the secret afterwards", async () => {
    const seen: string[] = [];
    answer = (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      if (request.method === "DELETE") response.writeHead(204).end();
      else response.end(JSON.stringify(registered));
    };
    const client = createControllerClient([`${url}/`], "join");
    expect(await client.register(registration)).toEqual(registered);
    expect(await client.heartbeat("w", "s", { busySlots: 0, queued: 0, tokensPerSecond: null })).toEqual({
      heartbeatMs: 10,
    });
    await client.leave("w", "s");
    expect(seen).toEqual([
      "POST /api/workers Bearer join",
      "POST /api/workers/w/heartbeat Bearer s",
      "DELETE /api/workers/w Bearer s",
    ]);
  });

  it("hands on the controller's own code", async () => {
    answer = (_request, response) => {
      response.writeHead(403).end(JSON.stringify(renderJsonError(new AppError("worker_address_refused"))));
    };
    await expect(createControllerClient([url], "join").register(registration)).rejects.toMatchObject({
      code: "worker_address_refused",
    });
  });

  it.each([
    ["a bare 410", 410, "", "worker_unknown"],
    ["a bare 401", 401, "", "invalid_worker_secret"],
    ["a page of a proxy", 502, "<html>", "upstream_failed"],
    ["a page in place of JSON", 200, "<html>", "upstream_failed"],
    ["another JSON", 200, '{"heartbeatMs":0}', "upstream_failed"],
    ["a status without a body", 500, "", "upstream_failed"],
  ])("makes sense of %s", async (_name, status, body, code) => {
    answer = (_request, response) => {
      response.writeHead(status).end(body);
    };
    const client = createControllerClient([url], "join");
    await expect(
      client.heartbeat("w", "s", { busySlots: 0, queued: 0, tokensPerSecond: null }),
    ).rejects.toMatchObject({
      code,
    });
  });

  it("follows no redirect, which would carry the token elsewhere", async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.url);
      response.writeHead(307, { location: `${url}/elsewhere` }).end();
    };
    await expect(createControllerClient([url], "join").register(registration)).rejects.toMatchObject({
      code: "upstream_failed",
    });
    expect(seen).toEqual(["/api/workers"]);
  });

  it("says that nobody is there", async () => {
    await expect(
      createControllerClient(["http://127.0.0.1:9"], "join").register(registration),
    ).rejects.toMatchObject({ code: "upstream_failed", message: "The controller cannot be reached." });
  });

  it("goes on to the next server where one cannot be reached or fails, and stays there", async () => {
    const seen: string[] = [];
    let isStopping = false;
    answer = (request, response) => {
      seen.push(`${request.headers.host === new URL(url).host ? "first" : "second"}`);
      if (isStopping && seen.at(-1) === "first") {
        response.writeHead(503).end(JSON.stringify(renderJsonError(new AppError("shutting_down"))));
      } else response.end(JSON.stringify(registered));
    };
    // The same server by another name: a stand-in for a second one.
    const second = url.replace("127.0.0.1", "localhost");
    const report = { busySlots: 0, queued: 0, tokensPerSecond: null };
    const client = createControllerClient(["http://127.0.0.1:9", url, second], "join");
    await client.register(registration);
    await client.heartbeat("w", "s", report);
    expect(seen).toEqual(["first", "first"]);
    isStopping = true;
    await client.heartbeat("w", "s", report);
    await client.heartbeat("w", "s", report);
    expect(seen.slice(2)).toEqual(["first", "second", "second"]);
  });

  it("asks no other server where one refuses, and says what the last one said where all fail", async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.writeHead(410).end();
    };
    const report = { busySlots: 0, queued: 0, tokensPerSecond: null };
    await expect(
      createControllerClient([url, url], "join").heartbeat("w", "s", report),
    ).rejects.toMatchObject({
      code: "worker_unknown",
    });
    expect(asked).toBe(1);
    await expect(
      createControllerClient(["http://127.0.0.1:9", "http://127.0.0.1:10"], "join").register(registration),
    ).rejects.toMatchObject({ code: "upstream_failed" });
  });
});
