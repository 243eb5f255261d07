import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { Challenge } from "@/lib/protocol";

/** So many tries in a window that slides: the one before counts for the part that is still inside. */
type Rule = { name: string; limit: number; seconds: number };

/**
 * Guessing one account's password from one network; the same from many networks; many accounts' from one; making accounts; trying
 * links.
 */
const rules = {
  accountAndNetwork: { name: "sign-in account network", limit: 8, seconds: 15 * 60 },
  /** Nobody is refused for it: that would be a way to lock others out. From there on each try costs work. */
  account: { name: "sign-in account", limit: 60, seconds: 60 * 60 },
  network: { name: "sign-in network", limit: 120, seconds: 15 * 60 },
  signUp: { name: "sign-up network", limit: 60, seconds: 60 * 60 },
  link: { name: "link network", limit: 60, seconds: 60 * 60 },
} as const satisfies Record<string, Rule>;

/**
 * Leading zero bits of the first try above the account's limit, and the most: 17 take a phone about a second. Each doubling of the
 * tries is one bit more, so that guessing from however many networks soon costs more than it can gain, and the owner seconds.
 */
const leastBits = 17;
const mostBits = 20;

/** What of a rule's tries is counted at most. */
const countedTimes = 64;

/** Rows of windows that no rule looks at any more. */
const keptSeconds = 24 * 60 * 60;

export type Attempts = {
  /**
   * Errors of all three: `rate_limited` with `retryAfterSeconds`, `database_unavailable`. `address`: who asks, as Fastify knows it.
   * Of this one also `challenge_required` with a challenge, where the account is tried from many networks: what answers it comes as
   * `solution`, the header `x-arena-challenge`.
   */
  signIn(email: string, address: string, solution?: string): Promise<void>;
  signUp(address: string): Promise<void>;
  useLink(address: string): Promise<void>;
  /** The password was right: what the owner has mistyped before is forgotten. Others' tries on the account are not. */
  signedIn(email: string, address: string): Promise<void>;
};

export type ProofOfWork = {
  issue(name: string, bits: number): Challenge;
  spend(names: readonly string[], solution: string): Promise<boolean>;
};

/**
 * Counts tries in the database, so that all servers share one limit. What a row is about is hidden by a keyed hash: the
 * table tells neither addresses nor who tried to sign in.
 */
export function createAttempts(
  db: Database,
  secret: string,
  challenges: ProofOfWork,
  now: () => Date = () => new Date(),
): Attempts {
  const keyOf = ({ name }: Rule, subject: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(createHmac("sha256", secret).update(`attempt\0${name}\0${subject}`).digest());

  type Window = {
    key: Uint8Array<ArrayBuffer>;
    startsAt: Date;
    count: number;
    earlier: number;
    inside: number;
  };

  async function count(rule: Rule, subject: string, most: number): Promise<Window> {
    const time = now().getTime() / 1000;
    const begin = Math.floor(time / rule.seconds) * rule.seconds;
    const [startsAt, before] = [new Date(begin * 1000), new Date((begin - rule.seconds) * 1000)];
    const key = keyOf(rule, subject);
    const inside = 1 - (time - begin) / rule.seconds;
    const [row] = await db.$queryRaw<{ count: number; earlier: number }[]>`
      INSERT INTO auth_attempts AS current (key, starts_at, count) VALUES (${key}, ${startsAt}, 1)
      ON CONFLICT (key, starts_at) DO UPDATE SET count = LEAST(current.count + 1, ${most}::int)
      RETURNING count, COALESCE(
        (SELECT earlier.count FROM auth_attempts AS earlier WHERE earlier.key = ${key} AND starts_at = ${before}), 0
      )::int AS earlier`;
    const { count: counted = 1, earlier = 0 } = row ?? {};
    if (counted === 1) {
      const old = new Date((time - keptSeconds) * 1000);
      await db.$executeRaw`DELETE FROM auth_attempts WHERE starts_at < ${old}`;
    }
    return { key, startsAt, count: counted, earlier, inside };
  }

  async function take(rule: Rule, subject: string): Promise<Window> {
    const window = await count(rule, subject, rule.limit + 1);
    if (window.count + window.earlier * window.inside <= rule.limit) return window;
    throw new AppError("rate_limited", {
      details: { retryAfterSeconds: Math.ceil(waitSeconds(rule, window)) },
    });
  }

  async function giveBack({ key, startsAt }: Window): Promise<void> {
    await db.$executeRaw`
      UPDATE auth_attempts SET count = GREATEST(count - 1, 0) WHERE key = ${key} AND starts_at = ${startsAt}`;
  }

  /** Above the account's limit a try is taken with proof of work alone. Null: it is taken. One that is not is not counted. */
  async function takeOrAsk(account: string, solution: string | undefined): Promise<Challenge | null> {
    const rule = rules.account;
    const window = await count(rule, account, rule.limit * countedTimes);
    const tries = window.count + window.earlier * window.inside;
    if (tries <= rule.limit) return null;
    const name = `sign-in ${Buffer.from(window.key).toString("base64url")}`;
    if (solution !== undefined && (await challenges.spend([name], solution))) return null;
    await giveBack(window);
    const bits = Math.min(mostBits, leastBits + Math.floor(Math.log2(tries / rule.limit)));
    return challenges.issue(name, bits);
  }

  const told = async (act: Promise<unknown>): Promise<void> => {
    try {
      await act;
    } catch (error) {
      throw databaseError(error);
    }
  };

  async function signIn(email: string, address: string, solution?: string): Promise<void> {
    const [account, network] = [email.toLowerCase(), networkOf(address)];
    await take(rules.network, network);
    const own = await take(rules.accountAndNetwork, `${account}\0${network}`);
    const challenge = await takeOrAsk(account, solution);
    if (challenge === null) return;
    await giveBack(own);
    throw new AppError("challenge_required", {
      message: "This address is tried from many networks; details.challenge has what one more try costs.",
      details: { challenge },
    });
  }

  async function signedIn(email: string, address: string): Promise<void> {
    const key = keyOf(rules.accountAndNetwork, `${email.toLowerCase()}\0${networkOf(address)}`);
    await db.$executeRaw`DELETE FROM auth_attempts WHERE key = ${key}`;
  }

  return {
    signIn: (email, address, solution) => told(signIn(email, address, solution)),
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
