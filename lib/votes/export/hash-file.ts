import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { Manifest } from "./release";

/** Name, size and SHA-256 of a file, read as a stream. */
export async function hashFile(path: string): Promise<Manifest["files"][number]> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { name: basename(path), bytes, sha256: hash.digest("hex") };
}
