import { leastOutstanding } from "./least-outstanding";
import { lottery } from "./lottery";
import { roundRobin } from "./round-robin";
import type { DispatchPolicy, DispatchPolicyName } from "./types";

export const dispatchPolicies: Record<DispatchPolicyName, DispatchPolicy> = {
  least_outstanding: leastOutstanding,
  round_robin: roundRobin,
  lottery,
};
