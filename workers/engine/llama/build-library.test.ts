import { describe, expect, test } from "vitest";
import { type BuildMachine, buildVariables } from "./build-library";

const machine = (changes: Partial<BuildMachine> = {}): BuildMachine => ({
  nodePath: "/usr/bin/node",
  hasFile: (path) => path === "/usr/include/node/node_api.h",
  versionOf: () => "g++ (Debian 14.2.0-19) 14.2.0",
  ...changes,
});

describe("what a build of the library needs", () => {
  test("Node's headers come from beside the binary, not from the network", () => {
    expect(buildVariables("cpu", machine())).toEqual({ npm_config_nodedir: "/usr" });
  });

  test("missing tools are named together", () => {
    const bare = machine({ versionOf: (command) => (command === "git" ? "git version 2" : null) });
    expect(() => buildVariables("cuda", bare)).toThrow(
      "A build needs cmake, c++, nvcc, which this machine lacks.",
    );
    expect(() => buildVariables("vulkan", bare)).toThrow("cmake, c++, glslc");
  });

  test("missing headers are said before minutes of compiling", () => {
    expect(() => buildVariables("cpu", machine({ hasFile: () => false }))).toThrow("/usr/include/node");
  });

  test.runIf(process.arch === "x64")("GCC 12 gets no AMX, whose code it breaks", () => {
    const old = machine({ versionOf: () => "c++ (Debian 12.2.0-14+deb12u1) 12.2.0\nCopyright" });
    expect(buildVariables("cpu", old)["CXXFLAGS"]).toContain("-mno-amx-tile");
    const clang = machine({ versionOf: () => "Debian clang version 12.0.6" });
    expect(buildVariables("cpu", clang)).not.toHaveProperty("CXXFLAGS");
  });
});
