import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";

/** So many tries in a window that slides: the one before counts for the part that is still inside. */
type Rule = { name: string; limit: number; seconds: number };

/** Guessing one account's password; the same from many networks; many accounts' from one; making accounts; trying links. */
const rules = {
  accountAndNetwork: { name: "sign-in account network", limit: 8, seconds: 15 * 60 },
  account: { name: "sign-in account", limit: 60, seconds: 60 * 60 },
  network: { name: "sign-in network", limit: 120, seconds: 15 * 60 },
  signUp: { name: "sign-up network", limit: 60, seconds: 60 * 60 },
  link: { name: "link network", limit: 60, seconds: 60 * 60 },
} as const satisfies Record<string, Rule>;

/** Rows of windows that no rule looks at any more. */
const keptSeconds = 24 * 60 * 60;

export type Attempts = {
  /** Errors of all three: `rate_limited` with `retryAfterSeconds`, `database_unavailable`. `address`: who asks, as Fastify knows it. */
  signIn(email: string, address: string): Promise<void>;
  signUp(address: string): Promise<void>;
  useLink(address: string): Promise<void>;
  /** The password was right: what the owner has mistyped before is forgotten. Others' tries on the account are not. */
  signedIn(email: string, address: string): Promise<void>;
};

/**
 * Counts tries in the database, so that all servers share one limit. What a row is about is hidden by a keyed hash: the
 * table tells neither addresses nor who tried to sign in.
 */
export function createAttempts(db: Database, secret: string, now: () => Date = () => new Date()): Attempts {
  const keyOf = ({ name }: Rule, subject: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(createHmac("sha256", secret).update(`attempt\0${name}\0${subject}`).digest());

  async function take(rule: Rule, subject: string): Promise<void> {
    const time = now().getTime() / 1000;
    const begin = Math.floor(time / rule.seconds) * rule.seconds;
    const [startsAt, before] = [new Date(begin * 1000), new Date((begin - rule.seconds) * 1000)];
    const key = keyOf(rule, subject);
    const inside = 1 - (time - begin) / rule.seconds;
    const [row] = await db.$queryRaw<{ count: number; earlier: number }[]>`
      INSERT INTO auth_attempts AS current (key, starts_at, count) VALUES (${key}, ${startsAt}, 1)
      ON CONFLICT (key, starts_at) DO UPDATE SET count = LEAST(current.count + 1, ${rule.limit + 1}::int)
      RETURNING count, COALESCE(
        (SELECT earlier.count FROM auth_attempts AS earlier WHERE earlier.key = ${key} AND starts_at = ${before}), 0
      )::int AS earlier`;
    const { count = 1, earlier = 0 } = row ?? {};
    if (count === 1) {
      const old = new Date((time - keptSeconds) * 1000);
      await db.$executeRaw`DELETE FROM auth_attempts WHERE starts_at < ${old}`;
    }
    if (count + earlier * inside <= rule.limit) return;
    throw new AppError("rate_limited", {
      details: { retryAfterSeconds: Math.ceil(waitSeconds(rule, { count, earlier, inside })) },
    });
  }

  const told = async (act: Promise<void>): Promise<void> => {
    try {
      await act;
    } catch (error) {
      throw databaseError(error);
    }
  };

  async function signIn(email: string, address: string): Promise<void> {
    const [account, network] = [email.toLowerCase(), networkOf(address)];
    await take(rules.network, network);
    await take(rules.accountAndNetwork, `${account}\0${network}`);
    await take(rules.account, account);
  }

  async function signedIn(email: string, address: string): Promise<void> {
    const key = keyOf(rules.accountAndNetwork, `${email.toLowerCase()}\0${networkOf(address)}`);
    await db.$executeRaw`DELETE FROM auth_attempts WHERE key = ${key}`;
  }

  return {
    signIn: (email, address) => told(signIn(email, address)),
    signUp: (address) => told(take(rules.signUp, networkOf(address))),
    useLink: (address) => told(take(rules.link, networkOf(address))),
    signedIn: (email, address) => told(signedIn(email, address)),
  };
}

/** Until one more try is allowed: within this window as the one before slides out of it, or in the next as this one does. */
function waitSeconds(
  { limit, seconds }: Rule,
  { count, earlier, inside }: { count: number; earlier: number; inside: number },
): number {
  const free = limit - 1;
  if (count <= free && earlier > 0) return Math.max(1, (inside - (free - count) / earlier) * seconds);
  return Math.max(1, (inside + 1 - free / count) * seconds);
}

/**
 * The network that an address belongs to, as its holder has it as a whole: /24 of IPv4, /48 of IPv6. What is no address
 * counts as one network.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (isIP(plain) !== 6) return "unknown";
  // `URL` writes an address in one way only, but leaves the gap.
  const [head = "", tail] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const rest = tail === "" ? [] : tail.split(":");
    groups.push(...Array.from({ length: 8 - groups.length - rest.length }, () => "0"), ...rest);
  }
  return `${groups.slice(0, 3).join(":")}::/48`;
}
