import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import type { Llama } from "node-llama-cpp";
import type { MemoryRoom } from "./memory-fit";

/** Left to everything else on the machine, and to what the estimates miss. */
const ramMarginBytes = 256 * 1024 * 1024;

/** Memory that a load may take now. */
export async function readMemoryRoom(llama: Llama): Promise<MemoryRoom> {
  const vram = await llama.getVramState();
  // Elsewhere than on Linux `freemem` leaves out what the system would give back at once.
  const free = process.platform === "linux" ? freemem() : (await llama.getRamState()).free;
  return {
    ramBytes: Math.max(0, Math.min(free, cgroupRoom()) - ramMarginBytes),
    vramBytes: Math.max(0, vram.free - llama.vramPaddingSize),
    isUnified: vram.unifiedSize > 0,
  };
}

/** What a container's limit leaves; without a limit, infinity. */
function cgroupRoom(): number {
  const limit = process.constrainedMemory();
  if (limit === 0 || limit >= totalmem()) return Number.POSITIVE_INFINITY;
  // A group's usage counts cached file pages, which it gives back: without them a file that was just copied in fills it.
  return Math.min(limit, process.availableMemory() + cachedFileBytes());
}

const statPaths = ["/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat"];

function cachedFileBytes(): number {
  for (const path of statPaths) {
    try {
      return cachedFileBytesOf(readFileSync(path, "utf8"));
    } catch {
      // Another version of the interface, or none: nothing is added.
    }
  }
  return 0;
}

/** `memory.stat`: `name bytes` a line; version 1 has the group's own and, as `total_…`, those with all below it. */
export function cachedFileBytesOf(stat: string): number {
  const lines = new Map(stat.split("\n").map((line) => line.split(" ") as [string, string | undefined]));
  const bytesOf = (name: string): number => Number(lines.get(`total_${name}`) ?? lines.get(name) ?? 0);
  return bytesOf("active_file") + bytesOf("inactive_file");
}
