"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";

/** Most parts are there before this; said at once it would only flicker. */
const saidAfterMs = 3_000;

/**
 * Stands where a part of the page is still being fetched. What cannot be fetched at all, because the site was renewed meanwhile,
 * comes with a new page.
 */
export function PartComing({ className }: { className: string }) {
  const t = useTranslations("arena");
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), saidAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={cn("px-4 sm:px-5 md:px-10", isLate && "py-5", className)}>
      {isLate ? (
        <div role="status" className="flex flex-wrap items-center gap-3 text-hint text-fg-2">
          <p className="max-w-[640px]">{t("partComing")}</p>
          <Button size="bar" onClick={() => window.location.reload()}>
            {t("reload")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
