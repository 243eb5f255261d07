import { type ClockDifference, checkDatabase, migrationState, readClockDifference } from "@/lib/db";
import { withConnection } from "@/lib/votes";
import type { Finding } from "./check";

/** A heartbeat every 10 s by default; older ones are of workers that have gone without a word. */
const recentSeconds = 30;

/** Reachable, new enough, migrated; whether its clock is ours; who serves what. `url`: of the site's database. */
export async function checkSiteDatabase(url: string): Promise<Finding[]> {
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
    const workers = await connection.query<{ url: string; models: { name: string }[]; age: number }>(
      `SELECT url, models, extract(epoch FROM now() - heartbeat_at)::float8 AS age FROM workers WHERE left_at IS NULL`,
    );
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
      ...workerFindings(workers.rows),
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

const stuckMinutes = 10;

/** @param minutes that the oldest vote has waited for the integrity rules; null: none waits */
export function judgingFinding(setAside: number, minutes: number | null): Finding {
  const advice = "See the server's log: it says which votes, and why. They count meanwhile.";
  if (minutes !== null && minutes > stuckMinutes) {
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

export function workerFindings(
  rows: readonly { url: string; models: { name: string }[]; age: number }[],
): Finding[] {
  const live = rows.filter(({ age }) => age <= recentSeconds);
  const silent = rows.length - live.length;
  const models = new Set(live.flatMap((worker) => worker.models.map(({ name }) => name)));
  const advice =
    "Start one with npm run worker, with ARENA_CONTROLLER_URL and ARENA_JOIN_TOKEN; npm run admin -- workers list shows them.";
  const workers: Finding =
    live.length === 0
      ? { what: "workers", state: "note", found: `none has reported in ${recentSeconds} s`, advice }
      : {
          what: "workers",
          state: "good",
          found: `${live.length} report${silent > 0 ? `, ${silent} are silent` : ""}`,
        };
  if (models.size >= 2)
    return [workers, { what: "models", state: "good", found: [...models].sort().join(", ") }];
  const found = models.size === 0 ? "none is served" : `only ${[...models][0]} is served`;
  return [workers, { what: "models", state: "note", found, advice: "A battle needs two different models." }];
}
