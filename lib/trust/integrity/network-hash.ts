import { createHmac, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { type Database, databaseError } from "@/lib/db";

/** A network of this many bits counts as one place: what a provider gives to one customer, or nearly so. */
const prefixBits = { 4: 24, 6: 56 } as const;

/**
 * The network of an address, as text: `203.0.113.0/24`, `2001:db8:1:200/56`. Null for this machine's own addresses (behind
 * a proxy that the site does not know of, every client seems to be here) and for what is no address.
 */
export function networkOf(address: string): string | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%")[0] ?? "";
  const family = isIP(plain);
  if (family === 4) {
    if (plain.startsWith("127.")) return null;
    return `${plain.split(".").slice(0, 3).join(".")}.0/${prefixBits[4]}`;
  }
  if (family === 6) {
    const groups = expand(plain);
    if (groups.every((group, index) => group === (index === 7 ? 1 : 0))) return null;
    const kept = groups.slice(0, 4);
    kept[3] = (kept[3] ?? 0) & 0xff00;
    return `${kept.map((group) => group.toString(16)).join(":")}/${prefixBits[6]}`;
  }
  return null;
}

function expand(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const toGroups = (part: string) =>
    part === ""
      ? []
      : part.split(":").flatMap((group) => {
          if (!group.includes(".")) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [first, last] = [toGroups(head), toGroups(tail ?? "")];
  if (tail === undefined) return first;
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

export type NetworkHashes = {
  /**
   * Hash of the address's network under the key of today (UTC); null where there is none to tell. The address itself is
   * written nowhere. Errors: `database_unavailable`.
   */
  of(address: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * Every hash, in hex, that the address's network may have had within the last `withinMs`, at most a day: today's first, and that
   * of yesterday while it reaches back so far. Empty where there is no network to tell. Errors: `database_unavailable`.
   */
  lately(address: string, withinMs: number): Promise<string[]>;
};

const hashBytes = 16;
const dayMs = 86_400_000;
/** By so much may the clocks of servers and stores differ. */
const clocksMs = 300_000;

/**
 * The key of a day is random, shared by all servers through the database, and removed two days later: from then on not even
 * the operator can find out which network a hash was.
 */
export function createNetworkHashes(db: Database, now: () => number = Date.now): NetworkHashes {
  const keys = new Map<string, Promise<Buffer>>();

  async function makeKey(day: string): Promise<Buffer> {
    try {
      const fresh = randomBytes(32);
      const [row] = await db.$queryRaw<{ key: Uint8Array }[]>`
        INSERT INTO network_keys AS keys (day, key) VALUES (${day}::date, ${fresh})
        ON CONFLICT (day) DO UPDATE SET key = keys.key RETURNING key`;
      if (row === undefined) throw new Error("The key of the day was not answered.");
      return Buffer.from(row.key);
    } catch (error) {
      throw databaseError(error);
    }
  }

  function keyOf(day: string): Promise<Buffer> {
    const known = keys.get(day);
    if (known !== undefined) return known;
    // Today's and yesterday's are in use; days have an order as text.
    for (const old of [...keys.keys()].sort().slice(0, -1)) keys.delete(old);
    const key = makeKey(day);
    keys.set(day, key);
    key.catch(() => keys.delete(day));
    return key;
  }

  async function hashOn(at: number, network: string): Promise<Uint8Array<ArrayBuffer>> {
    const key = await keyOf(new Date(at).toISOString().slice(0, 10));
    return Uint8Array.from(createHmac("sha256", key).update(network).digest().subarray(0, hashBytes));
  }

  return {
    async of(address) {
      const network = networkOf(address);
      return network === null ? null : hashOn(now(), network);
    },
    async lately(address, withinMs) {
      const network = networkOf(address);
      if (network === null) return [];
      const at = now();
      const days = at % dayMs < withinMs + clocksMs ? [at, at - dayMs] : [at];
      const hashes = await Promise.all(days.map((day) => hashOn(day, network)));
      return hashes.map((hash) => Buffer.from(hash).toString("hex"));
    },
  };
}
