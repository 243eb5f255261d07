import { type LauncherEnv, readServerEnv, type ServerEnv } from "@/lib/env";
import type { Finding } from "./check";

type Source = Record<string, string | undefined>;

/** Where these are not set, `npm start` makes them: a stand-in lets the others be looked at. */
const standIns = {
  DATABASE_URL: "postgresql://127.0.0.1/arena",
  ARENA_SECRET: "a stand-in of 32 characters or more",
  ARENA_JOIN_TOKEN: "a stand-in of 16 characters",
} as const;

/** The server's own settings, as it would read them; null where it would refuse them. */
export function readSettings(source: Source): { env: ServerEnv | null; fault: string } {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  try {
    return { env: readServerEnv({ ...standIns, ...given }), fault: "" };
  } catch (error) {
    return { env: null, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Settings that the server would refuse, and such as do not fit together. */
export function checkSettings(source: Source, launcher: LauncherEnv, hasSecretsFile: boolean): Finding[] {
  const { env, fault } = readSettings(source);
  const what = "settings";
  if (env === null) {
    const advice = "Correct the variables that it names; the README's table says what each takes.";
    return [{ what, state: "bad", found: fault, advice }];
  }
  const findings: Finding[] = [];
  const note = (found: string, advice: string): void =>
    void findings.push({ what, state: "note", found, advice });
  if (launcher.DATABASE_URL !== undefined && !source["ARENA_SECRET"] && !hasSecretsFile) {
    note(
      "ARENA_SECRET is not set here, and there is no secrets.json",
      "Run the doctor with the settings of the server, so that it looks at those: docs/install.md shows how.",
    );
  }
  const isHttps = env.ARENA_PUBLIC_URL?.startsWith("https:") ?? false;
  const isOpen = !["127.0.0.1", "::1", "localhost"].includes(env.HOST);
  if (isOpen && !isHttps && !env.ARENA_SECURE_COOKIES) {
    note(
      `HOST is ${env.HOST}, and nothing says that people come over TLS: cookies go in the clear`,
      "Put a TLS proxy before it, and set ARENA_PUBLIC_URL to the https address.",
    );
  }
  if (
    isHttps &&
    (env.TRUST_PROXY === 0 || (Array.isArray(env.TRUST_PROXY) && env.TRUST_PROXY.length === 0))
  ) {
    note(
      "ARENA_PUBLIC_URL is https, and TRUST_PROXY is not set: all visitors count as one network, the proxy's",
      "Set TRUST_PROXY to the proxy's address or network.",
    );
  }
  return findings.length > 0 ? findings : [{ what, state: "good", found: "the server takes them" }];
}
