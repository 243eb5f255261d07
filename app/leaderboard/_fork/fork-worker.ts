import { decodeVoteFile, fitFork, type VoteFile, voteFileBody } from "@/lib/fork";
import type { ForkFailure, ForkReply, ForkRequest, ForkStep } from "./fork-messages";

// The other side of `use-fork`: downloads the votes where a choice needs them, and fits. Cancelled by ending it.

/** Progress is told so often at most, or telling would take longer than the work. */
const tellMs = 80;

class Failure extends Error {
  readonly failure: ForkFailure;

  constructor(failure: ForkFailure, cause: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** The file of the pair counts that were fitted last: other choices need no other. */
let held: { name: string; edition: string; file: VoteFile } | null = null;

self.onmessage = async ({ data }: MessageEvent<ForkRequest>) => {
  const { id, pairs, choice, votesUrl, votesEdition } = data;
  const reply = (message: ForkReply) => self.postMessage(message);
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (progress: ForkStep) => {
    if (performance.now() - toldAt < tellMs && progress.done < 1) return;
    toldAt = performance.now();
    reply({ id, kind: "progress", progress });
  };
  try {
    const read = votesUrl === null ? null : await readFile(votesUrl, votesEdition, pairs.inputsHash, tell);
    const file = read?.file ?? null;
    const startedAt = performance.now();
    const fit = attempt("fit", () => fitFork(pairs, file, choice, tell));
    const votes = read === null ? null : { hash: read.file.sha256, edition: read.edition };
    reply({ id, kind: "done", fit, votes, fitMs: performance.now() - startedAt });
  } catch (error) {
    reply({ id, kind: "failed", failure: error instanceof Failure ? error.failure : "download" });
  }
};

async function readFile(
  url: string,
  wanted: string | null,
  inputs: string,
  tell: (step: ForkStep) => void,
): Promise<{ file: VoteFile; edition: string }> {
  const name = `${url} ${inputs}`;
  if (held !== null && (wanted === null ? held.name === name : held.edition === wanted)) return held;
  held = null;
  const address = wanted === null ? url : `${url}&edition=${wanted}`;
  const { bytes, edition } = await download(address, (done) => tell({ step: "download", done }));
  const file = attempt("file", () => decodeVoteFile(bytes));
  // Only a page that came over https, or from this machine, has it.
  if (crypto.subtle !== undefined) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", voteFileBody(bytes)));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== file.sha256) throw new Failure("file", new Error("the file does not have its hash"));
  }
  held = { name, edition, file };
  return held;
}

async function download(
  url: string,
  onDone: (done: number) => void,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; edition: string }> {
  const response = await fetch(url, { cache: "no-cache" });
  if (response.status === 404) throw new Failure("unknown", new Error("no such edition"));
  if (!response.ok || response.body === null)
    throw new Failure("download", new Error(`status ${response.status}`));
  const total = Number(response.headers.get("x-uncompressed-length"));
  const chunks: Uint8Array[] = [];
  let length = 0;
  onDone(0);
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (total > 0) onDone(Math.min(length / total, 0.999));
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, edition: response.headers.get("x-board-edition") ?? "" };
}

function attempt<T>(failure: ForkFailure, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new Failure(failure, cause);
  }
}
