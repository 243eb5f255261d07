import { hashFiles } from "./hash-files.mjs";

/** What the compiled programs are made of, relative to the project's root. */
const sources = ["lib", "workers", "prisma/schema.prisma", "tsconfig.json", "package-lock.json"];

const isIrrelevant = (path) =>
  /\.test\.tsx?$/.test(path) ||
  /^lib\/[^/]+\/testing$/.test(path) ||
  path === "lib/db/generated" ||
  path === "workers/models";

/**
 * Changes when a source of a program changes, appears or goes. 16 hexadecimal digits: the name of the folder.
 *
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function compiledHash(root) {
  return (await hashFiles(root, sources, isIrrelevant)).slice(0, 16);
}
