import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { closeDatabase, createDatabase, type Prisma } from "@/lib/db";
import { withConnection } from "../connection";
import { type ExportOptions, type ExportRun, exportVotes } from "./export-votes";
import type { Manifest } from "./release";

export type ReleaseRun = Pick<ExportRun, "signal" | "onProgress"> & {
  /** In the transaction that the release appears with. What it throws is why there is none. */
  settle?: (tx: Prisma.TransactionClient) => Promise<void>;
};

/**
 * Makes a release with its line in the audit log: the folder appears within the transaction that writes the line, so that
 * there is neither without the other. Errors: those of `exportVotes`.
 */
export async function makeRelease(
  databaseUrl: string,
  actor: AuditActor,
  options: ExportOptions,
  now: Date,
  { signal, onProgress, settle }: ReleaseRun = {},
): Promise<Manifest> {
  const db = createDatabase(databaseUrl, { maxConnections: 1 });
  const publish: ExportRun["publish"] = async (manifest, move) => {
    let isMoved = false;
    try {
      await db.$transaction(
        async (tx) => {
          await settle?.(tx);
          await recordAudit(tx, {
            ...{ actor, action: "release.make", targetKind: "release", targetId: manifest.release },
            details: {
              ...{ votes: manifest.votes, texts: manifest.texts?.battles ?? 0, boards: manifest.boards },
              chain: `${manifest.chain.seq}:${manifest.chain.hash}`,
            },
          });
          await move();
          isMoved = true;
        },
        { maxWait: 30_000, timeout: 60_000 },
      );
    } catch (error) {
      // The move went well and the line did not.
      if (isMoved) await rm(resolve(options.folder), { recursive: true, force: true });
      throw error;
    }
  };
  try {
    return await withConnection(databaseUrl, (connection) =>
      exportVotes(connection, options, now, { signal, onProgress, publish }),
    );
  } finally {
    await closeDatabase(db);
  }
}
