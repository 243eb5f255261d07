import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { Client } from "pg";
import { childEnv } from "@/lib/env";

// A stand-in for the server or a worker: child-fixture.ts <events file> <mode> [--model FILE …]
// It writes what happens to it into the events file, one "who what" a line.

const [events = "", mode = "serve", ...rest] = process.argv.slice(2);
const model = rest[rest.indexOf("--model") + 1] ?? "";
const who = rest.length === 0 ? "server" : (model.split("/").at(-1) ?? "");
const env = childEnv({});
const note = (what: string): void => appendFileSync(events, `${who} ${what}\n`);

note(`pid ${process.pid}`);
process.on("SIGINT", () => note("SIGINT"));
process.on("SIGTERM", async () => {
  note("SIGTERM");
  if (mode === "stubborn") return;
  if (who === "server") await touchDatabase();
  process.exit(0);
});
process.on("disconnect", () => {
  note("orphaned");
  process.exit(0);
});

if (mode === "broken") {
  process.send?.({ type: "failed", message: `${who} is not a GGUF file.` }, undefined, undefined, () =>
    process.exit(1),
  );
} else if (mode === "dies") {
  process.exit(3);
} else {
  const server = createServer((request, response) => {
    if (request.url === "/crash") process.exit(7);
    response.end(JSON.stringify({ secret: env["ARENA_SECRET"], args: rest, database: env["DATABASE_URL"] }));
  });
  const port = who === "server" ? Number(env["PORT"]) : 0;
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    note(`ready ${who === "server" ? url : env["ARENA_CONTROLLER_URL"]}`);
    process.send?.({ type: "ready", url });
  });
}

/** What a drain does: the database must still be there. */
async function touchDatabase(): Promise<void> {
  const client = new Client({ connectionString: env["DATABASE_URL"] });
  await client.connect();
  await client.query("SELECT 1");
  await client.end();
  note("drained");
}
