import { describe, expect, it } from "vitest";
import { gpuVariables } from "./gpu-variables";
import { withGpu } from "./run-all-gpus";

describe("gpuVariables", () => {
  it("show one GPU to every library", () => {
    expect(gpuVariables(2, {})).toEqual({
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      GGML_VK_VISIBLE_DEVICES: "2",
      CUDA_VISIBLE_DEVICES: "2",
      HIP_VISIBLE_DEVICES: "2",
    });
  });

  it("count among those that are visible, and show none beyond them", () => {
    const given = { CUDA_VISIBLE_DEVICES: "GPU-a, GPU-b", CUDA_DEVICE_ORDER: "FASTEST_FIRST" };
    expect(gpuVariables(1, given)).toMatchObject({
      CUDA_VISIBLE_DEVICES: "GPU-b",
      CUDA_DEVICE_ORDER: "FASTEST_FIRST",
    });
    expect(gpuVariables(2, given)).toMatchObject({ CUDA_VISIBLE_DEVICES: "-1" });
  });
});

describe("withGpu", () => {
  it("names one GPU where the command line said all, and changes nothing else", () => {
    const args = ["llama", "--model", "all", "--gpu", "all", "--tag", "all"];
    expect(withGpu(args, 1)).toEqual(["llama", "--model", "all", "--gpu", "1", "--tag", "all"]);
    expect(withGpu(["llama", "--gpu=all"], 0)).toEqual(["llama", "--gpu=0"]);
  });
});
