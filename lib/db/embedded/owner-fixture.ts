import { startEmbeddedPostgres } from "./index";

// A process that owns a PostgreSQL, for the tests to kill: node --import tsx owner-fixture.ts <directory> <password>

const [directory = "", password = ""] = process.argv.slice(2);
const { pid, url } = await startEmbeddedPostgres({ directory, password });
process.stdout.write(`${JSON.stringify({ pid, url })}\n`);
setInterval(() => undefined, 60_000);
