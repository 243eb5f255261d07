import { hashFiles } from "./compile/hash-files.mjs";

/** What the pages are built from, relative to the project's root. */
const sources = [
  "app",
  "lib",
  "public",
  "next.config.ts",
  "postcss.config.mjs",
  "package-lock.json",
  "prisma/schema.prisma",
];

/** Parts of those that no page contains: tests, and what is generated from the schema. */
const isIrrelevant = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path === "lib/db/generated" || path === "lib/launcher";

/** Changes when a file that the pages are built from changes, appears or goes. */
export const hashSources = (root: string): Promise<string> => hashFiles(root, sources, isIrrelevant);
