import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@/lib/errors";
import type { ReleaseView } from "@/lib/protocol";
import { type Manifest, manifestName, manifestSchema } from "@/lib/votes";

export type DataDeps = {
  /** Where `npm run votes -- export` makes releases. */
  releasesFolder: string;
  logger: { warn(fields: object, message: string): void };
};

/** What a release's folder may be called: it stands in addresses. */
const namePattern = /^(?!\.)[\w.-]{1,80}$/;

/** Every release of the folder, the newest first. A folder without a whole manifest is none: it is told in the log. */
export async function listReleases(deps: DataDeps): Promise<ReleaseView[]> {
  const names = (await entriesOf(deps.releasesFolder))
    .filter(
      (entry) => entry.isDirectory() && namePattern.test(entry.name) && !entry.name.endsWith(".partial"),
    )
    .map(({ name }) => name);
  const releases = await Promise.all(
    names.map(async (name) => {
      const manifest = await readManifest(deps, name);
      return manifest === null ? [] : [toView(name, manifest)];
    }),
  );
  return releases.flat().sort((x, y) => (x.createdAt < y.createdAt ? 1 : x.createdAt > y.createdAt ? -1 : 0));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Before the first release.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readManifest({ releasesFolder, logger }: DataDeps, name: string) {
  try {
    const path = join(releasesFolder, name, manifestName);
    const [text, { size }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { ...manifestSchema.parse(JSON.parse(text)), manifestBytes: size };
  } catch (error) {
    logger.warn({ err: error, release: name }, "a folder among the releases is no release");
    return null;
  }
}

function toView(name: string, manifest: Manifest & { manifestBytes: number }): ReleaseView {
  return {
    ...{ name, createdAt: manifest.createdAt, votes: manifest.votes, texts: manifest.texts?.battles ?? 0 },
    ...{ boards: manifest.boards, licence: manifest.licence ?? null, chain: manifest.chain },
    files: [
      ...manifest.files.map(({ name: file, bytes, sha256 }) => ({ name: file, bytes, sha256 })),
      // It holds the hashes of the others.
      { name: manifestName, bytes: manifest.manifestBytes, sha256: null },
    ],
  };
}

export type ReleaseFile = { path: string; name: string; bytes: number; etag: string };

/** A file that the release's manifest names, and no other. Errors: `release_not_found`. */
export async function findReleaseFile(deps: DataDeps, release: string, file: string): Promise<ReleaseFile> {
  const manifest = namePattern.test(release) ? await readManifest(deps, release) : null;
  if (manifest === null) throw new AppError("release_not_found");
  const known = toView(release, manifest).files.find(({ name }) => name === file);
  if (known === undefined) throw new AppError("release_not_found");
  const path = join(deps.releasesFolder, release, known.name);
  const { size, mtimeMs } = await stat(path);
  if (size !== known.bytes) {
    throw new AppError("internal", { cause: new Error(`${path} does not have the size of its manifest.`) });
  }
  const tag = known.sha256 ?? `${manifest.createdAt}-${mtimeMs}`;
  return { path, name: known.name, bytes: size, etag: `"${tag}"` };
}
