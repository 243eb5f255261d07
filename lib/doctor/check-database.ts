import { type ClockDifference, checkDatabase, migrationState, readClockDifference } from "@/lib/db";
import { stuckVoteMs } from "@/lib/protocol";
import { withConnection } from "@/lib/votes";
import type { Finding } from "./check";

/** A worker that missed two reports is out; a report may be on its way for some seconds. */
const silentSeconds = (heartbeatMs: number): number => Math.ceil((2 * heartbeatMs) / 1_000) + 5;

/**
 * Reachable, new enough, migrated; whether its clock is ours; who serves what. `url`: of the site's database; `heartbeatMs`: how
 * often its workers report.
 */
export async function checkSiteDatabase(url: string, heartbeatMs: number): Promise<Finding[]> {
  await checkDatabase(url);
  return withConnection(url, async (connection) => {
    const asked = Date.now();
    const { rows } = await connection.query<{
      version: string;
      user: string;
      is_super: boolean;
    }>(
      `SELECT current_setting('server_version') AS version, current_user AS user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_super`,
    );
    const [about] = rows;
    const answerMs = Date.now() - asked;
    const clock = await readClockDifference(async () => {
      const read = await connection.query<{ ms: string }>(
        "SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms",
      );
      return Number(read.rows[0]?.ms);
    });
    const findings: Finding[] = [
      {
        what: "database",
        state: "good",
        found: `PostgreSQL ${about?.version} answers in ${answerMs} ms`,
      },
      clockFinding(clock),
    ];
    if (about?.is_super === true) {
      const advice =
        "Give the site a role of its own that owns its database: nothing that it does needs more.";
      findings.push({ what: "database role", state: "note", found: `${about.user} is a superuser`, advice });
    }
    const { missing, unknown } = await migrationState(url);
    findings.push(migrationFinding(missing, unknown));
    if (missing.length > 0) return findings;
    const workers = await connection.query<WorkerRow>(
      `SELECT url, models, "order"::text, extract(epoch FROM now() - heartbeat_at)::float8 AS age
       FROM workers WHERE left_at IS NULL AND heartbeat_at > now() - interval '1 day' ORDER BY heartbeat_at DESC`,
    );
    const hidden = await connection.query<{ name: string; stage: string }>(
      "SELECT name, stage::text FROM models WHERE stage <> 'public'",
    );
    const stages = new Map(hidden.rows.map(({ name, stage }) => [name, stage]));
    const behind = await connection.query<{ unnamed: boolean | null }>(
      `SELECT bool_or(is_proxy_unnamed) AS unnamed FROM server_samples WHERE at > now() - interval '1 minute'`,
    );
    const queue = await connection.query<{ aside: number; minutes: number | null }>(
      `SELECT count(failed_at)::int AS aside,
        (extract(epoch FROM now() - min(created_at) FILTER (WHERE failed_at IS NULL)) / 60)::float8 AS minutes
       FROM vote_check_queue JOIN votes ON votes.id = vote_id`,
    );
    const { aside = 0, minutes = null } = queue.rows[0] ?? {};
    return [
      ...findings,
      ...workerFindings(workers.rows, stages, heartbeatMs),
      proxyFinding(behind.rows[0]?.unnamed ?? null),
      judgingFinding(aside, minutes),
    ];
  });
}

export function clockFinding({ differenceMs, isOff }: ClockDifference): Finding {
  const found = `this machine's clock is ${Math.abs(differenceMs / 1_000).toFixed(1)} s ${differenceMs > 0 ? "behind" : "ahead of"} the database's`;
  if (!isOff) return { what: "clock", state: "good", found };
  const advice =
    "Let both machines set their clocks by NTP (timedatectl set-ntp true), then restart the servers.";
  return { what: "clock", state: "bad", found, advice };
}

/** @param isUnnamed null: no server has reported lately */
export function proxyFinding(isUnnamed: boolean | null): Finding {
  if (isUnnamed === null) return { what: "proxy", state: "skipped", found: "no server has reported lately" };
  if (!isUnnamed) return { what: "proxy", state: "good", found: "none that TRUST_PROXY does not name" };
  const advice =
    "Set TRUST_PROXY to the number of proxies in front of the site, then restart the servers: until then everybody behind them shares the limits of one network.";
  return {
    what: "proxy",
    state: "bad",
    found: "requests come by a proxy that TRUST_PROXY does not name",
    advice,
  };
}

/** @param minutes that the oldest vote has waited for the integrity rules; null: none waits */
export function judgingFinding(setAside: number, minutes: number | null): Finding {
  const advice = "See the server's log: it says which votes, and why. They count meanwhile.";
  if (minutes !== null && minutes * 60_000 > stuckVoteMs) {
    const found = `votes wait for the integrity rules, the oldest for ${Math.round(minutes)} min`;
    return { what: "votes", state: "bad", found, advice };
  }
  if (setAside > 0) return { what: "votes", state: "note", found: `${setAside} could not be judged`, advice };
  return { what: "votes", state: "good", found: "none waits for the integrity rules for long" };
}

function migrationFinding(missing: readonly string[], unknown: readonly string[]): Finding {
  if (unknown.length > 0) {
    const found = `the database was used by a newer version (${unknown.join(", ")})`;
    return {
      what: "migrations",
      state: "bad",
      found,
      advice: "Start that version; migrations only go forward.",
    };
  }
  if (missing.length === 0) return { what: "migrations", state: "good", found: "the database is up to date" };
  const found = `${missing.length} are missing (${missing[0]} is the first)`;
  return {
    what: "migrations",
    state: "note",
    found,
    advice: "npm start applies them; before other servers start: npm run migrate",
  };
}

type WorkerRow = {
  url: string;
  models: { name: string; capabilities?: string[] }[];
  order: string;
  /** Seconds since its last report. */
  age: number;
};

/** `stages`: of models that are not public, by name. */
export function workerFindings(
  rows: readonly WorkerRow[],
  stages: ReadonlyMap<string, string>,
  heartbeatMs: number,
): Finding[] {
  const limitSeconds = silentSeconds(heartbeatMs);
  const live = rows.filter(({ age }) => age <= limitSeconds);
  const silent = rows.filter(({ age }) => age > limitSeconds);
  return [workersFinding(live, silent, limitSeconds), modelsFinding(live, stages)];
}

function workersFinding(
  live: readonly WorkerRow[],
  silent: readonly WorkerRow[],
  limitSeconds: number,
): Finding {
  const what = "workers";
  const listed = "npm run admin -- workers list shows them";
  if (live.length === 0) {
    const found = `none has reported in ${limitSeconds} s${silent.length > 0 ? `, and ${silent.length} did before` : ""}`;
    const advice = `Start one with npm run worker, with ARENA_CONTROLLER_URL and ARENA_JOIN_TOKEN; ${listed}.`;
    return { what, state: "note", found, advice };
  }
  if (silent.length === 0) return { what, state: "good", found: `${live.length} report` };
  const names = silent.slice(0, 3).map(({ url }) => url);
  return {
    ...{ what, state: "note" },
    found: `${live.length} report, ${silent.length} have not for ${limitSeconds} s (${names.join(", ")}${silent.length > 3 ? ", …" : ""})`,
    advice: `See whether those machines run and reach the site; a worker comes back by itself. One that is gone for good is not spoken of after a day; ${listed}.`,
  };
}

/** Battles draw from public models that chat, at workers that are not told to drain. */
function modelsFinding(live: readonly WorkerRow[], stages: ReadonlyMap<string, string>): Finding {
  const what = "models";
  const battling = new Set<string>();
  const others = new Map<string, string>();
  for (const { models, order } of live) {
    for (const { name, capabilities = [] } of models) {
      const stage = stages.get(name);
      if (order !== "serving") others.set(name, "draining");
      else if (stage !== undefined) others.set(name, stage);
      else if (!capabilities.includes("chat")) others.set(name, "does not chat");
      else battling.add(name);
    }
  }
  const rest = [...others].filter(([name]) => !battling.has(name)).sort();
  const beside =
    rest.length === 0 ? "" : `; not drawn: ${rest.map(([name, why]) => `${name} (${why})`).join(", ")}`;
  const names = [...battling].sort();
  if (names.length >= 2) return { what, state: "good", found: `${names.join(", ")}${beside}` };
  const found = names.length === 0 ? "none can be in a battle" : `only ${names[0]} can be in a battle`;
  return {
    what,
    state: "note",
    found: found + beside,
    advice: "A battle needs two public models that chat.",
  };
}
