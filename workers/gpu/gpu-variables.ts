/**
 * Variables that show a process one GPU alone. Read when a library is loaded: Vulkan's by ggml-vulkan itself, the
 * others by the runtimes of CUDA and ROCm. node-llama-cpp has no option for it.
 */
const visibleDevices = ["GGML_VK_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"] as const;

/** No runtime has a device of this number. */
const noDevice = "-1";

type Variables = Readonly<Record<string, string | undefined>>;

/** CUDA counts the fastest GPU first unless it is told to count as `nvidia-smi` and Vulkan do. */
export function gpuOrder(given: Variables): Record<string, string> {
  return { CUDA_DEVICE_ORDER: given["CUDA_DEVICE_ORDER"] ?? "PCI_BUS_ID" };
}

/** Where `given` shows some GPUs only, `index` counts these. */
export function gpuVariables(index: number, given: Variables): Record<string, string> {
  const chosen = visibleDevices.map((name) => {
    const list = given[name] ?? "";
    const visible = list === "" ? String(index) : (list.split(",")[index]?.trim() ?? noDevice);
    return [name, visible] as const;
  });
  return { ...gpuOrder(given), ...Object.fromEntries(chosen) };
}
