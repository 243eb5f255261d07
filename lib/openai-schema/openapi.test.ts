import { readdirSync, readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { AppError, errorTable, isErrorCode, renderOpenAiError } from "@/lib/errors";
import { type OpenApiOperation, openApiDocument } from "./openapi";

const document = openApiDocument();
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

const told = (code: string): string =>
  isErrorCode(code) ? renderOpenAiError(new AppError(code)).error.code : code;

/** Status and code of each refusal that the operation documents. */
function refusalsOf({ responses }: OpenApiOperation): string[] {
  return Object.entries(responses)
    .filter(([status]) => status !== "200")
    .flatMap(([status, { description }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
}

describe("the codes of the reference", () => {
  /** The codes that the way of a request through /v1 names, by its sources. */
  const sources = [
    ...readdirSync("lib/openai", { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|test-support/.test(path))
      .map((path) => `lib/openai/${path}`),
    ...["accounting.ts", "api-keys/check-scopes.ts", "api-keys/verify-key.ts"].map(
      (path) => `lib/accounts/${path}`,
    ),
    ...["dispatch.ts", "refusal-error.ts", "admission.ts", "controller.ts"].map(
      (path) => `lib/controller/${path}`,
    ),
    ...["lib/http/error-handler.ts", "lib/server/client-error.ts", "lib/db/database-error.ts"],
  ].map((path) => readFileSync(path, "utf8"));
  const thrown = new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/"(\w+)"/g)].flatMap(([, code]) => (isErrorCode(code) ? [code] : [])),
    ),
  );

  it("are those that the sources name, and no others", () => {
    const expected = [...thrown].filter((code) => code !== "not_found").map(told);
    // A worker's own refusal of a prompt goes through as it is.
    const documented = new Set(operations.flatMap(refusalsOf).map((refusal) => refusal.split(" ")[1]));
    expect([...documented].sort()).toEqual([...new Set([...expected, "context_length_exceeded"])].sort());
  });

  it("stand under their own statuses", () => {
    const statuses = Object.entries(errorTable).map(([code, { status }]) => `${status} ${told(code)}`);
    for (const refusal of operations.flatMap(refusalsOf)) expect(statuses).toContain(refusal);
    for (const operation of operations) {
      for (const status of ["401", "405", "500", "503"]) expect(operation.responses).toHaveProperty(status);
      const takesBody = operation.requestBody !== undefined;
      for (const status of ["413", "415", "429"]) expect(status in operation.responses).toBe(takesBody);
    }
  });
});

describe("the reference's schemas", () => {
  it("say of a prompt that it is a text, texts, token ids or lists of them", () => {
    const { CompletionRequest, EmbeddingRequest } = document.components.schemas;
    const ids = { type: "array", items: { type: "integer" } };
    const anyOf = [
      { type: "string" },
      { type: "array", items: { type: "string" } },
      ids,
      { type: "array", items: ids },
    ];
    expect(CompletionRequest?.properties?.["prompt"]).toMatchObject({
      anyOf,
      description: expect.any(String),
    });
    expect(EmbeddingRequest?.properties?.["input"]).toMatchObject({ anyOf });
    expect(CompletionRequest?.required).toEqual(["model", "prompt"]);
    expect(EmbeddingRequest?.required).toEqual(["model", "input"]);
  });
});

describe("the document", () => {
  it("keeps to OpenAPI 3.1, by its published schema", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });
});
