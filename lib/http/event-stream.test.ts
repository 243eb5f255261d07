import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { afterEach, expect, it } from "vitest";
import { type EventStream, openEventStream } from "./event-stream";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

it("brings every frame to each of many readers, however many are written to in one turn", async () => {
  const readers = 20;
  const rounds = 5;
  const app = fastify({ forceCloseConnections: true });
  cleanups.push(() => app.close());
  const streams: EventStream[] = [];
  app.get("/", (request, reply) => void streams.push(openEventStream(request, reply)));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const responses = await Promise.all(
    Array.from({ length: readers }, async () => {
      const asked = get({ host: "127.0.0.1", port, agent: false });
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      return response;
    }),
  );
  const expected = Array.from({ length: rounds }, (_, n) => `event: n\ndata: ${n}\n\n`).join("");
  const read = Promise.all(
    responses.map(async (response) => {
      let text = "";
      for await (const bytes of response) {
        text += String(bytes);
        if (text.length >= expected.length) break;
      }
      return text;
    }),
  );
  for (let n = 0; n < rounds; n += 1) {
    for (const stream of streams) stream.send("n", n);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await read).toEqual(Array.from({ length: readers }, () => expected));
});
