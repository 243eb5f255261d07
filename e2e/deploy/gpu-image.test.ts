import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDeployFile, readStage, removedPackages } from "./read-files";
import { readNeeded } from "./read-needed";

/**
 * The prebuilt libraries of node-llama-cpp are loaded only where everything is there that they are linked with; else it takes the
 * processor, without a word that anybody reads. So what they name is held against what the image installs.
 */
const packages = "node_modules/@node-llama-cpp";

/** Of Debian, Ubuntu and NVIDIA: what a package brings. */
function broughtBy(name: string): string[] {
  const cublas = /^libcublas-(\d+)-\d+$/.exec(name)?.[1];
  if (cublas !== undefined) return [`libcublas.so.${cublas}`, `libcublasLt.so.${cublas}`];
  const known: Record<string, string[]> = {
    libvulkan1: ["libvulkan.so.1"],
    "libstdc++6": ["libstdc++.so.6"],
    "libgcc-s1": ["libgcc_s.so.1"],
  };
  const brought = known[name];
  if (brought === undefined) throw new Error(`Say here what the package ${name} brings.`);
  return brought;
}

/** In every image that is no scratch. */
const ofGlibc = ["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libdl.so.2", "libpthread.so.0"];

/** What a final stage has, with this version of CUDA where it asks for one. */
function present(stage: string, cudaVersion: string): Set<string> {
  const text = readStage(stage);
  const [base = ""] = /^FROM (\S+)/.exec(text)?.slice(1) ?? [];
  const libraries = [...ofGlibc];
  // The official image of Node is linked with these.
  if (base.startsWith("node:")) libraries.push("libstdc++.so.6", "libgcc_s.so.1");
  if (/^nvidia\/cuda:\$\{CUDA_VERSION\}-base-/.test(base)) {
    libraries.push(`libcudart.so.${cudaVersion.split(".")[0]}`);
    // The driver's, put in by NVIDIA's container toolkit for this capability.
    if (/NVIDIA_DRIVER_CAPABILITIES=\S*compute/.test(text)) libraries.push("libcuda.so.1");
  }
  const installed = /apt-get install --yes --no-install-recommends (.*?)(?: \\)?$/m.exec(text)?.[1] ?? "";
  const version = cudaVersion.split(".").slice(0, 2).join("-");
  const names = installed.replace(/\$\(echo "\$CUDA_VERSION"[^)]*\)/, version).split(/\s+/);
  return new Set([...libraries, ...names.filter((name) => name !== "").flatMap(broughtBy)]);
}

const librariesOf = (name: string): string[] =>
  readdirSync(join(packages, name), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:so|node)$/.test(path))
    .map((path) => join(packages, name, path));

/** What the libraries of a package are linked with, beyond those that node-llama-cpp brings itself. */
function neededBy(name: string): string[] {
  // A fallback's neighbours are those of the package beside it.
  const own = new Set(
    readdirSync(packages)
      .flatMap(librariesOf)
      .map((path) => basename(path)),
  );
  const needed = new Set(librariesOf(name).flatMap(readNeeded));
  return [...needed].filter((library) => !own.has(library)).sort();
}

const text = readDeployFile("Dockerfile");
const usual = /^ARG CUDA_VERSION=(\S+)$/m.exec(text)?.[1] ?? "";
const older = /--build-arg CUDA_VERSION=(\S+)/.exec(text)?.[1] ?? "";
const isThere = (name: string): boolean => existsSync(`${packages}/${name}`);

describe("the image with a GPU", () => {
  // npm installs what the machine that tests can run.
  it.runIf(isThere("linux-x64-cuda"))("has what CUDA's and Vulkan's libraries are linked with", () => {
    const cuda = neededBy("linux-x64-cuda");
    expect(cuda).toEqual(expect.arrayContaining(["libcuda.so.1", expect.stringMatching(/^libcublas\.so\./)]));
    expect(
      [...cuda, ...neededBy("linux-x64-vulkan")].filter((name) => !present("worker-gpu", usual).has(name)),
    ).toEqual([]);
  });

  it.runIf(isThere("linux-x64-cuda-ext"))(
    "built for an older driver, has what the fallback is linked with",
    () => {
      const fallback = neededBy("linux-x64-cuda-ext");
      expect(fallback).toEqual(expect.arrayContaining([expect.stringMatching(/^libcudart\.so\./)]));
      expect(fallback.filter((name) => !present("worker-gpu", older).has(name))).toEqual([]);
    },
  );

  it("keeps their packages, which the image without a GPU leaves out", () => {
    const gpu = ["linux-x64-cuda", "linux-x64-cuda-ext", "linux-x64-vulkan"].map(
      (name) => `@node-llama-cpp/${name}`,
    );
    for (const name of gpu) {
      expect(removedPackages("worker-gpu")).not.toContain(name);
      expect(removedPackages("worker")).toContain(name);
    }
  });
});

describe("the image without one", () => {
  it.runIf(isThere("linux-x64"))("has what the processor's libraries are linked with", () => {
    const needed = neededBy("linux-x64");
    expect(needed).toContain("libc.so.6");
    expect(needed.filter((name) => !present("worker", usual).has(name))).toEqual([]);
  });
});
