import type { AdminSampling } from "@/lib/protocol";

/** The policy's own numbers, in the order of the form. */
export const policyFields = [
  { name: "floor" },
  { name: "newcomerShare" },
  { name: "newcomerVotes" },
  { name: "organizationCap" },
  { name: "uniformBelow" },
] as const;

/** Boxes by name; `weight <model>` for the weights, empty where a model has the usual one. */
export type SamplingDraft = Readonly<Record<string, string>>;

export function draftOf({ policy }: Pick<AdminSampling, "policy">): SamplingDraft {
  return {
    ...Object.fromEntries(policyFields.map(({ name }) => [name, String(policy[name])])),
    ...Object.fromEntries(
      Object.entries(policy.weights).map(([name, value]) => [`weight ${name}`, String(value)]),
    ),
  };
}

type Read = { fault: string; policy: null } | { fault: null; policy: Record<string, unknown> };

/** The policy that the boxes say, or the first box that holds no number. The server checks the ranges. */
export function readPolicy(draft: SamplingDraft): Read {
  const policy: Record<string, number> = {};
  for (const { name } of policyFields) {
    const value = numberOf(draft[name] ?? "");
    if (value === undefined) return { fault: name, policy: null };
    policy[name] = value;
  }
  const weights: Record<string, number> = {};
  for (const [box, text] of Object.entries(draft)) {
    if (!box.startsWith("weight ") || text.trim() === "") continue;
    const value = numberOf(text);
    if (value === undefined || value < 0) return { fault: box, policy: null };
    if (value !== 1) weights[box.slice("weight ".length)] = value;
  }
  return { fault: null, policy: { ...policy, weights } };
}

function numberOf(text: string): number | undefined {
  const value = Number(text.trim());
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}
