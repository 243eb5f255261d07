import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getLlama } from "node-llama-cpp";
import { setEnv } from "@/lib/env";

/** What a library is built for; its source lies inside node-llama-cpp's package, so nothing is downloaded. */
export type BuildTarget = "cpu" | "cuda" | "vulkan";

/** Probes of what a build needs, so that tests can pretend. */
export type BuildMachine = {
  /** First line of what `command --version` prints; null: there is no such command. */
  versionOf(command: string): string | null;
  hasFile(path: string): boolean;
  nodePath: string;
};

/**
 * Builds llama.cpp for this very machine; every later start takes the result by itself, before the prebuilt library.
 * Errors: an `Error` with one clear sentence that names what is missing.
 */
export async function buildLibrary(target: BuildTarget): Promise<void> {
  setEnv(buildVariables(target, thisMachine));
  const llama = await getLlama({
    build: "forceRebuild",
    gpu: target === "cpu" ? false : target,
    progressLogs: true,
  });
  await llama.dispose();
}

/** Removes all builds, so that the prebuilt library serves again. */
export async function clearBuilds(): Promise<void> {
  const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve("node-llama-cpp"))));
  await rm(join(packageFolder, "llama", "localBuilds"), { recursive: true, force: true });
}

/** What the build's tools need in the environment. Errors: as {@link buildLibrary}. */
export function buildVariables(target: BuildTarget, machine: BuildMachine): Record<string, string> {
  const tools = [
    "git",
    "cmake",
    "c++",
    ...(target === "cuda" ? ["nvcc"] : target === "vulkan" ? ["glslc"] : []),
  ];
  const missing = tools.filter((tool) => machine.versionOf(tool) === null);
  if (missing.length > 0) throw new Error(`A build needs ${missing.join(", ")}, which this machine lacks.`);
  // node-gyp and cmake-js would download the headers; Node's own packages install them beside the binary.
  const nodeFolder = dirname(dirname(machine.nodePath));
  if (!machine.hasFile(join(nodeFolder, "include", "node", "node_api.h"))) {
    throw new Error(
      `A build needs Node's headers, which are not at ${nodeFolder}/include/node; a Node from nodejs.org has them.`,
    );
  }
  return { npm_config_nodedir: nodeFolder, ...compilerFlags(machine.versionOf("c++") ?? "") };
}

/** ggml's AMX kernels compiled by GCC 12 end with SIGILL at their first tile; the flag wins over `-march=native`. */
function compilerFlags(compiler: string): Record<string, string> {
  const version = /(?:GCC|Debian|Ubuntu|g\+\+|gcc|c\+\+).*?\b(\d+)\.\d+\.\d+/.exec(compiler)?.[1];
  if (/clang/i.test(compiler) || version === undefined || Number(version) > 12) return {};
  const flags = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16";
  return process.arch === "x64" ? { CFLAGS: flags, CXXFLAGS: flags } : {};
}

const thisMachine: BuildMachine = {
  nodePath: process.execPath,
  hasFile: existsSync,
  versionOf(command) {
    try {
      return execFileSync(command, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } catch {
      return null;
    }
  },
};
