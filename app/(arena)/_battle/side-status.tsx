"use client";

import { Check, Clock, Square, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import type { ResponseView, SideStatus } from "@/lib/protocol";

/** "In line, 2 ahead" counts people, not tokens: it tells nothing of a model. Nor does it who has stopped a side. */
export function sideStatusWord(
  t: ReturnType<typeof useTranslations<"arena.status">>,
  { status, ahead, stoppedBy }: Pick<ResponseView, "status" | "ahead" | "stoppedBy">,
): string {
  const isBehind = status === "queued" && ahead !== undefined && ahead > 0;
  if (isBehind) return t("queuedBehind", { ahead });
  if (status !== "stopped" || stoppedBy === undefined) return t(status);
  return t(stoppedBy === "absence" ? "stoppedAbsence" : "stoppedServer");
}

/** One word about a side. No counter, no seconds and no speed before the vote: they would give a model away. */
export function SideStatusWord({ response }: { response: ResponseView }) {
  const t = useTranslations("arena.status");
  const { status } = response;
  return (
    <span
      className={cn(
        "flex shrink-0 items-center gap-2 text-hint",
        status === "failed" ? "text-bad" : "text-fg-3",
      )}
    >
      <SideStatusIcon status={status} />
      {sideStatusWord(t, response)}
    </span>
  );
}

export function SideStatusIcon({ status }: { status: SideStatus }) {
  switch (status) {
    case "queued":
      return <Clock size={14} aria-hidden="true" className="shrink-0" />;
    case "writing":
      return <span aria-hidden="true" className="mx-[3px] size-[7px] shrink-0 rounded-full bg-accent" />;
    case "finished":
      return <Check size={16} aria-hidden="true" className="shrink-0 text-ok" />;
    case "stopped":
      return <Square size={13} aria-hidden="true" className="shrink-0" />;
    case "failed":
      return <TriangleAlert size={15} aria-hidden="true" className="shrink-0 text-bad" />;
  }
}
