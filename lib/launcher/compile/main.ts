import { generateClient } from "../generate-client";
import { projectRoot } from "../project-root";
import { compile } from "./compile";

// What `run.mjs` starts, by tsx, when there is no compiled version of the present sources.

try {
  // First, because the database code is compiled against it.
  await generateClient();
  await compile(projectRoot);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
