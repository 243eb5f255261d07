import { ArrowDown, Ban, Check, CircleStop, Clock, RotateCw, TriangleAlert, Unplug } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import type { WorkerState } from "@/lib/protocol";

const looks = {
  healthy: { icon: Check, tone: "text-ok" },
  slow: { icon: Clock, tone: "text-warn" },
  draining: { icon: ArrowDown, tone: "text-fg-3" },
  drained: { icon: CircleStop, tone: "text-fg-3" },
  restarting: { icon: RotateCw, tone: "text-fg-3" },
  ejected: { icon: Ban, tone: "text-bad" },
  failing: { icon: TriangleAlert, tone: "text-bad" },
  silent: { icon: TriangleAlert, tone: "text-bad" },
  unreachable: { icon: Unplug, tone: "text-bad" },
} as const satisfies Record<WorkerState, { icon: typeof Check; tone: string }>;

/** Icon and word. The word of a healthy worker is plain ink. */
export function WorkerStateLabel({ state }: { state: WorkerState }) {
  const t = useTranslations("admin.workers.state");
  const { icon: Icon, tone } = looks[state];
  return (
    <span className="flex items-center gap-2.5 font-medium whitespace-nowrap">
      <Icon size={16} aria-hidden="true" className={cn("shrink-0", tone)} />
      <span className={state === "healthy" ? undefined : tone}>{t(state)}</span>
    </span>
  );
}
