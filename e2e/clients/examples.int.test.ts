import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { childEnv } from "@/lib/env";
import {
  codeExamples,
  type ExampleRequest,
  exampleEmbeddingModel,
  exampleRequests,
  openApiDocument,
} from "@/lib/openai-schema";
import { type ClientSite, chatModel, smallModel, startClientSite } from "./start-site";

/** The examples of the API reference, run as they stand on the page. */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const apiKey = "key-of-the-examples";

let site: ClientSite;

beforeAll(async () => {
  site = await startClientSite({ ARENA_API_KEYS: apiKey });
});
afterAll(() => site.close());

/** The page leaves the name of an embedding model to the reader. */
const requests = exampleRequests(openApiDocument()).map((request) =>
  request.body?.["model"] === exampleEmbeddingModel
    ? { ...request, body: { ...request.body, model: smallModel } }
    : request,
);

async function output(command: string, args: string[]): Promise<string> {
  const env = childEnv({ ARENA_API_KEY: apiKey, NODE_OPTIONS: undefined });
  const { stdout } = await run(command, args, { cwd: root, env, timeout: 50_000 });
  return stdout.trim();
}

const has = (command: string, args: string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    // Not there, or not complete: what the caller asks.
    () => false,
  );
const hasCurl = await has("curl", ["--version"]);
const hasPython = await has("python3", ["-c", "import openai"]);

const nameOf = ({ path }: ExampleRequest): string => path;

describe.skipIf(!hasCurl)("curl (skipped where there is none)", () => {
  it.each(requests.map((request) => [nameOf(request), request] as const))("%s", async (_path, request) => {
    const json = JSON.parse(
      await output("bash", ["-c", codeExamples(request, site.baseURL).curl.replace("curl ", "curl -s ")]),
    );
    expect(json.error ?? null).toBeNull();
  });
});

describe("TypeScript", () => {
  it.each(requests.map((request) => [nameOf(request), request] as const))("%s", async (path, request) => {
    const { typescript } = codeExamples(request, site.baseURL);
    const printed = await output(process.execPath, ["--input-type=module", "-e", typescript]);
    expect(printed).not.toMatch(/^(undefined)?$/);
    if (path === "/models") expect(printed.split("\n").sort()).toEqual([chatModel, smallModel]);
  });
});

describe.skipIf(!hasPython)("Python (skipped where its openai package is not installed)", () => {
  it.each(requests.map((request) => [nameOf(request), request] as const))("%s", async (_path, request) => {
    expect(await output("python3", ["-c", codeExamples(request, site.baseURL).python])).not.toMatch(
      /^(None)?$/,
    );
  });
});
