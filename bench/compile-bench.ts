import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "@/lib/launcher";

const root = fileURLToPath(new URL("..", import.meta.url));

export type CompiledBench = {
  /** What starts a program: its path. */
  program: (name: string) => string;
  remove: () => Promise<void>;
};

/**
 * Programs of a benchmark (name → source, below `bench/`), compiled as `npm start` compiles ours: the loader of TypeScript names every
 * function anew that a request makes, which would be measured too.
 *
 * @throws `internal` with what the compiler said
 */
export async function compileBench(sources: Readonly<Record<string, string>>): Promise<CompiledBench> {
  const compiled = join(root, ".compiled");
  await mkdir(compiled, { recursive: true });
  const folder = await mkdtemp(join(compiled, "bench-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const paths = Object.entries(sources).map(([name, source]) => [name, `bench/${source}`]);
  try {
    await bundle(root, Object.fromEntries(paths), folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { program: (name) => join(folder, `${name}.js`), remove };
}
