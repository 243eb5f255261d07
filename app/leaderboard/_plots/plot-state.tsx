"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/app/_ui/button";
import type { Resource } from "./use-resource";

type PlotStateProps<T> = { resource: Resource<T>; children: (data: T) => ReactNode };

/** A plot whose data is on its way, failed, or there. */
export function PlotState<T>({ resource, children }: PlotStateProps<T>) {
  const t = useTranslations("plots");
  if (resource.data !== null) return children(resource.data);
  if (resource.hasFailed) {
    return (
      <div
        role="status"
        className="flex items-center gap-3 rounded-panel border border-bad px-4 py-3 text-fg-2"
      >
        {t("failed")}
        <Button size="bar" onClick={resource.retry}>
          {t("again")}
        </Button>
      </div>
    );
  }
  return <div role="status" aria-label={t("loading")} className="h-64 animate-wait rounded-panel bg-muted" />;
}
