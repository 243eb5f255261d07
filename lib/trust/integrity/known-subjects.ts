import type { Database } from "@/lib/db";
import { CampaignWatch } from "../anomaly/campaigns";
import type { Subject } from "../rules/judge-votes";

export type KnownSubject = {
  votes: number;
  /** ln of the e-value. */
  logE: number;
  isQuarantined: boolean;
  updatedAt: Date;
};

type Row = KnownSubject & { subjectId: string; favours: Record<string, number> };

/** Rows read at a time: what one turn of the event loop can take in without being felt. */
const pageSize = 250;
/** Longer than any transaction that writes evidence: what was written so long ago may come into sight only now. */
const overlapMs = 150_000;
/** After so long all are read again: by then rows may have been removed, which no time of change tells. */
const renewMs = 1_200_000;
const dayMs = 86_400_000;

/** The evidence against the active subjects of one kind, kept between two looks: only what has changed is read again. */
export class KnownSubjects {
  readonly #db: Database;
  readonly #subject: Subject;
  readonly #activeDays: number;
  readonly #byId = new Map<string, KnownSubject>();
  #watch = new CampaignWatch();
  #newest: Date | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database, subject: Subject, activeDays: number) {
    this.#db = db;
    this.#subject = subject;
    this.#activeDays = activeDays;
  }

  get byId(): ReadonlyMap<string, KnownSubject> {
    return this.#byId;
  }

  get watch(): CampaignWatch {
    return this.#watch;
  }

  /** Reads what has changed, page by page. False: `mayGoOn` ended it before it was through. */
  async refresh(mayGoOn: () => Promise<boolean>): Promise<boolean> {
    const now = performance.now();
    if (now - this.#renewedAt > renewMs) {
      this.#byId.clear();
      this.#watch = new CampaignWatch();
      this.#newest = null;
      this.#renewedAt = now;
    }
    const activeSince = Date.now() - this.#activeDays * dayMs;
    for (const [id, { updatedAt }] of this.#byId) if (updatedAt.getTime() < activeSince) this.forget(id);
    const since = Math.max(activeSince, (this.#newest?.getTime() ?? 0) - overlapMs);
    let after = { updatedAt: new Date(since), subjectId: "" };
    for (;;) {
      if (!(await mayGoOn())) return false;
      const rows = await this.#read(after);
      for (const row of rows) this.#take(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) break;
      after = last;
    }
    return true;
  }

  forget(id: string): void {
    this.#byId.delete(id);
    this.#watch.set(id, null);
  }

  quarantined(id: string): void {
    const known = this.#byId.get(id);
    if (known !== undefined) this.#byId.set(id, { ...known, isQuarantined: true });
  }

  #take({ subjectId, favours, ...known }: Row): void {
    if (this.#newest === null || known.updatedAt > this.#newest) this.#newest = known.updatedAt;
    const before = this.#byId.get(subjectId);
    this.#byId.set(subjectId, known);
    if (before?.updatedAt.getTime() === known.updatedAt.getTime()) return;
    this.#watch.set(subjectId, new Map(Object.entries(favours)));
  }

  #read(after: { updatedAt: Date; subjectId: string }): Promise<Row[]> {
    return this.#db.$queryRaw<Row[]>`
      SELECT subject_id AS "subjectId", votes, log_e AS "logE", favours, quarantined_at IS NOT NULL AS "isQuarantined",
        updated_at AS "updatedAt"
      FROM voter_evidence
      WHERE subject = ${this.#subject}::evidence_subject AND votes > 0
        AND (updated_at, subject_id) > (${after.updatedAt}::timestamptz, ${after.subjectId})
      ORDER BY updated_at, subject_id LIMIT ${pageSize}`;
  }
}
