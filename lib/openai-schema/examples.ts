import type { OpenApiDocument } from "./openapi";

/** How a path is called in the official clients, and what is worth printing of its answer. */
type ClientCall = { method: string; python: string; typescript: string };

const calls: Readonly<Record<string, ClientCall>> = {
  "/chat/completions": {
    method: "chat.completions.create",
    python: "answer.choices[0].message.content",
    typescript: "answer.choices[0]?.message.content",
  },
  "/responses": {
    method: "responses.create",
    python: "answer.output_text",
    typescript: "answer.output_text",
  },
  "/completions": {
    method: "completions.create",
    python: "answer.choices[0].text",
    typescript: "answer.choices[0]?.text",
  },
  "/embeddings": {
    method: "embeddings.create",
    python: "len(answer.data[0].embedding)",
    typescript: "answer.data[0]?.embedding.length",
  },
};

export const exampleLanguages = ["curl", "python", "typescript"] as const;
export type ExampleLanguage = (typeof exampleLanguages)[number];
export type CodeExamples = Record<ExampleLanguage, string>;

export type ExampleRequest = {
  verb: "get" | "post";
  /** Below the base address, such as `/chat/completions`. */
  path: string;
  /** Null: a request without one. */
  body: Record<string, unknown> | null;
};

/** One request of each path of the document, those with parameters left out. */
export function exampleRequests({ paths }: OpenApiDocument): ExampleRequest[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    (["get", "post"] as const).flatMap((verb) => {
      const operation = operations[verb];
      if (operation === undefined || operation.parameters !== undefined) return [];
      return [{ verb, path, body: operation.requestBody?.content["application/json"].example ?? null }];
    }),
  );
}

/** The same request for curl and the official clients. `baseUrl` ends in `/v1`; the key is read from ARENA_API_KEY. */
export function codeExamples({ verb, path, body }: ExampleRequest, baseUrl: string): CodeExamples {
  const call = calls[path];
  return {
    curl: curl(path, body, baseUrl),
    python: [
      "import os",
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url=${JSON.stringify(baseUrl)}, api_key=os.environ.get("ARENA_API_KEY", "none"))`,
      ...pythonCall(verb, path, body, call),
    ].join("\n"),
    typescript: [
      'import OpenAI from "openai";',
      "",
      `const client = new OpenAI({ baseURL: ${JSON.stringify(baseUrl)}, apiKey: process.env.ARENA_API_KEY ?? "none" });`,
      ...typescriptCall(verb, path, body, call),
    ].join("\n"),
  };
}

function curl(path: string, body: ExampleRequest["body"], baseUrl: string): string {
  const lines = [`curl ${baseUrl}${path}`, '-H "authorization: Bearer $ARENA_API_KEY"'];
  if (body !== null) {
    // Within single quotes a shell takes everything as it is, but for the quote itself.
    const json = JSON.stringify(body).replaceAll("'", "'\\''");
    lines.push("-H 'content-type: application/json'", `-d '${json}'`);
  }
  return lines.join(" \\\n  ");
}

function pythonCall(verb: string, path: string, body: ExampleRequest["body"], call?: ClientCall): string[] {
  if (body === null) return ["for model in client.models.list():", "    print(model.id)"];
  if (call === undefined) {
    return [`answer = client.${verb}("${path}", body=${pythonValue(body)}, cast_to=object)`, "print(answer)"];
  }
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${pythonValue(value)},`);
  return [`answer = client.${call.method}(`, ...fields, ")", `print(${call.python})`];
}

function typescriptCall(
  verb: string,
  path: string,
  body: ExampleRequest["body"],
  call?: ClientCall,
): string[] {
  if (body === null) return ["for await (const model of client.models.list()) console.log(model.id);"];
  if (call === undefined) {
    return [
      `const answer = await client.${verb}("${path}", {`,
      `  body: ${typescriptValue(body)},`,
      "});",
      "console.log(answer);",
    ];
  }
  const fields = Object.entries(body).map(([name, value]) => `  ${name}: ${typescriptValue(value)},`);
  return [
    `const answer = await client.${call.method}({`,
    ...fields,
    "});",
    `console.log(${call.typescript});`,
  ];
}

/** JSON is Python, but for three words. */
function pythonValue(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).map(
      ([name, one]) => `${JSON.stringify(name)}: ${pythonValue(one)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value);
}

function typescriptValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(typescriptValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, one]) => `${name}: ${typescriptValue(one)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return JSON.stringify(value);
}
