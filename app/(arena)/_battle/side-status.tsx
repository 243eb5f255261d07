"use client";

import { Check, Clock, Square, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import type { SideStatus } from "@/lib/protocol";

/** One word about a side. No counter, no seconds and no speed before the vote: they would give a model away. */
export function SideStatusWord({ status }: { status: SideStatus }) {
  const t = useTranslations("arena.status");
  return (
    <span className={cn("flex items-center gap-2 text-hint", status === "failed" ? "text-bad" : "text-fg-3")}>
      <SideStatusIcon status={status} />
      {t(status)}
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
