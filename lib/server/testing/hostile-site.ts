import { Agent, request as httpRequest } from "node:http";
import pino from "pino";
import { vi } from "vitest";
import { createVisitorCookies, type Role } from "@/lib/accounts";
import { createTestDatabase } from "@/lib/db/testing";
import { readServerEnv } from "@/lib/env";
import { changeSettings } from "@/lib/settings";
import { buildSite } from "../build-site";
import { seedSmallSite } from "./small-site";

/** Longer bodies are refused before their end, which may close the connection under whoever still sends. */
const maxBodyBytes = 1024 * 1024;

export const secret = "hostile-input-test-secret-0123456789";
export const joinToken = "hostile-input-join-token";
export const password = "a long password of the tests";

export type Sent = {
  method: string;
  path: string;
  type?: string;
  body?: Buffer;
  headers?: Record<string, string>;
};
export type Answer = { status: number; type: string; text: string; setCookies: string[] };

export type HostileSite = Awaited<ReturnType<typeof startHostileSite>>;

/** For tests: a small site in use, with its real sessions, that nobody's limits keep from being asked. */
export async function startHostileSite() {
  const database = await createTestDatabase();
  const { db } = database;
  const logged: string[] = [];
  const operator = { kind: "cli", label: "tests" } as const;
  const plenty = {
    ...{ battlesPerHour: 1e7, promptsPerHour: 1e7, votesPerHour: 1e7 },
    ...{ flagsPerHour: 1e7, publicationsPerHour: 1e7 },
  };
  await changeSettings(db, operator, "limits", { visitor: plenty, network: plenty });
  await changeSettings(db, operator, "accounts", { signUp: "open" });
  const env = readServerEnv({
    ...{ DATABASE_URL: database.url, PORT: "0", ARENA_SECRET: secret, ARENA_JOIN_TOKEN: joinToken },
    ...{ ARENA_DRAIN_MS: "0", ARENA_KEYLESS_LOOPBACK: "1" },
  });
  const site = await buildSite({
    ...{ env, db },
    logger: pino({ level: "trace" }, { write: (line: string) => logged.push(line) }),
    pages: async (_request, response) => void response.end("page"),
  });
  const port = Number(new URL(await site.listen()).port);
  // A connection for each request, so that one that breaks belongs to what was sent over it.
  const agent = new Agent({ keepAlive: false });
  const send = (sent: Sent) => sendAsIs({ agent, port }, sent);

  const cookies = createVisitorCookies({ secret, isSecure: false });
  const visitors = [cookies.create(), cookies.create()] as const;
  const pairOf = (line: string | undefined) => line?.split(";")[0] ?? "";
  const seeded = await seedSmallSite(db, visitors[0].visitorId);
  const people = new Map<Role, { cookie: string; userId: string; sessionId: string }>();
  for (const role of ["researcher", "moderator", "admin"] as const) {
    const email = `${role}@arena.example`;
    const body = Buffer.from(JSON.stringify({ email, name: "A person", password }));
    const answer = await send({ method: "POST", path: "/api/auth/sign-up", type: "application/json", body });
    if (answer.status !== 201) throw new Error(`The sign-up gave ${answer.status} ${answer.text}.`);
    const user = await db.user.update({
      where: { email },
      data: { role },
      select: { id: true, sessions: { select: { id: true } } },
    });
    const cookie = pairOf(answer.setCookies.find((line) => line.startsWith("arena.session_token=")));
    people.set(role, { cookie, userId: user.id, sessionId: user.sessions[0]?.id ?? "" });
  }
  // The account at whose keys others are to fail.
  await db.apiKey.update({
    where: { id: seeded.keyId },
    data: { ownerId: people.get("admin")?.userId ?? null },
  });
  // What looks at votes in the background has looked at these.
  await vi.waitFor(
    async () => {
      const waiting = (await db.voteCheckQueue.count()) + (await db.voteChainQueue.count());
      if (waiting > 0) throw new Error(`${waiting} votes wait to be looked at.`);
    },
    { timeout: 60_000, interval: 250 },
  );
  const person = (role: Role) => {
    const found = people.get(role);
    if (found === undefined) throw new Error(`Nobody is ${role}.`);
    return found;
  };
  return {
    ...{ site, db, database, port, logged, send, seeded, person },
    /** `Cookie` headers: whose the battles and chats are, and somebody else. */
    visitor: pairOf(visitors[0].setCookie),
    stranger: pairOf(visitors[1].setCookie),
    async close(): Promise<void> {
      agent.destroy();
      await site.close();
      await database.drop();
    },
  };
}

/** Written as it is: `fetch` would mend the address. */
function sendAsIs(
  { agent, port }: { agent: Agent; port: number },
  { method, path, type, body, headers = {} }: Sent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...{ host: "127.0.0.1", port, method, path, agent },
        headers: {
          ...(type ? { "content-type": type } : {}),
          ...(body === undefined ? {} : { "content-length": String(body.length) }),
          ...headers,
        },
      },
      (response) => {
        const head = {
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          setCookies: response.headers["set-cookie"] ?? [],
        };
        if (head.type.startsWith("text/event-stream")) {
          response.destroy();
          resolve({ ...head, text: "" });
          return;
        }
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ ...head, text: Buffer.concat(parts).toString("utf8") }));
        response.on("error", reject);
      },
    );
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const isCut = error.code === "ECONNRESET" || error.code === "EPIPE";
      // Only of a body that the server may refuse unread; any other connection that breaks is a fault of the server.
      if (isCut && (body?.length ?? 0) > maxBodyBytes)
        resolve({ status: 413, type: "", text: "cut off", setCookies: [] });
      else reject(new Error(`${method} ${path.slice(0, 200)}: ${error.message}`, { cause: error }));
    });
    sent.end(body);
  });
}
