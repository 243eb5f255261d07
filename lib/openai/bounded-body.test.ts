import { afterEach, describe, expect, it } from "vitest";
import { politeWorker, startTestApi, type TestApi } from "./test-support";

let api: TestApi;

afterEach(() => api.close());

/** As many as the 8 MiB of a body hold. Checked one by one, each writes a fault down, and a union of lists several. */
const nulls = `[${"null,".repeat(1_600_000)}null]`;
const chat = '{"model":"demo","messages":[{"role":"user","content":"Hi"}]';

async function post(path: string, payload: string) {
  const response = await api.app.inject({
    ...{ method: "POST", url: `/v1${path}`, payload },
    headers: { "content-type": "application/json", host: "localhost" },
  });
  return { status: response.statusCode, error: response.json().error };
}

describe("a body of many wrong elements is refused by the first of them, or by their number", () => {
  it.each<[string, string, string]>([
    ["/completions", `{"model":"demo","prompt":${nulls}}`, "prompt"],
    ["/completions", `{"model":"demo","prompt":[null${",null".repeat(9_999)}]}`, "prompt.0"],
    ["/completions", `{"model":"demo","prompt":["a"${',"b"'.repeat(10_000)}]}`, "prompt"],
    ["/embeddings", `{"model":"demo","input":[[1]${",[2]".repeat(10_000)}]}`, "input"],
    ["/completions", `{"model":"demo","prompt":[1,"a"${",2".repeat(3_000_000)}]}`, "prompt.1"],
    ["/completions", `{"model":"demo","prompt":["a",1${",2".repeat(9_000)}]}`, "prompt.1"],
    ["/completions", `{"model":"demo","prompt":[[1],[2,null${",2".repeat(3_000_000)}]]}`, "prompt.1.1"],
    ["/completions", `{"model":"demo","prompt":[[1],2${",2".repeat(9_000)}]}`, "prompt.1"],
    ["/embeddings", `{"model":"demo","input":${nulls}}`, "input"],
    ["/embeddings", `{"model":"demo","input":[1.5${",2".repeat(3_000_000)}]}`, "input.0"],
    ["/tokenize", `{"model":"demo","input":${nulls}}`, "input"],
    ["/chat/completions", `{"model":"demo","messages":${nulls}}`, "messages"],
    ["/chat/completions", `${chat},"stop":${nulls}}`, "stop"],
    ["/chat/completions", `${chat},"tools":${nulls}}`, "tools"],
    ["/chat/completions", `${chat},"functions":${nulls}}`, "functions"],
    ["/chat/completions", `${chat},"modalities":${nulls}}`, "modalities"],
    ["/chat/completions", `${chat},"unknown":${nulls}}`, "unknown"],
    ["/chat/completions", `${chat},"unknown":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`, "unknown"],
    [
      "/chat/completions",
      `${chat},"logit_bias":{${Array.from({ length: 300_000 }, (_, at) => `"${at}":null`).join()}}}`,
      "logit_bias",
    ],
    [
      "/chat/completions",
      `${chat},"metadata":{${Array.from({ length: 300_000 }, (_, at) => `"${at}":1`).join()}}}`,
      "metadata",
    ],
    [
      "/chat/completions",
      `${chat},${Array.from({ length: 300_000 }, (_, at) => `"x${at}":1`).join()}}`,
      "x199995",
    ],
    ["/responses", `{"model":"demo","input":${nulls}}`, "input"],
    ["/responses", `{"model":"demo","input":"x","include":${nulls}}`, "include"],
    ["/responses", `{"model":"demo","input":"x","tools":${nulls}}`, "tools"],
    [
      "/responses",
      `{"model":"demo","input":"x","deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      "deep",
    ],
  ])("%s, case %#", async (path, payload, param) => {
    api = await startTestApi(politeWorker);
    const { status, error } = await post(path, payload);
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "invalid_request", param });
    // One fault, not a list of them all.
    expect(error.message.length).toBeLessThan(200);
    expect(api.worker.requests).toEqual([]);
  });

  it.each<[string, string]>([
    ["/completions", `{"model":"demo","prompt":[1${",2".repeat(400_000)}]}`],
    ["/completions", `{"model":"demo","prompt":[]}`],
    ["/embeddings", `{"model":"demo","input":[[1${",2".repeat(400_000)}],[3]]}`],
    ["/embeddings", `{"model":"demo","input":["a"${',"b"'.repeat(9_999)}]}`],
    [
      "/chat/completions",
      `{"model":"demo","messages":[${Array(10_000).fill('{"role":"user","content":"x"}').join()}],"stop":["a","b"]}`,
    ],
    ["/chat/completions", `${chat},"allowed_token_ids":[1${",2".repeat(200_000)}]}`],
  ])("%s takes what is long and right, case %#", async (path, payload) => {
    api = await startTestApi(politeWorker);
    expect((await post(path, payload)).status).toBe(200);
    expect(api.worker.requests[0]?.body).toBe(payload);
  });
});
