"use client";

import { useTranslations } from "next-intl";
import { type ComponentType, useEffect, useRef, useState } from "react";
import { Button } from "@/app/_ui/button";
import type { Leaderboard } from "@/lib/protocol";

type PlotsProps = { board: Leaderboard };

/** The pictures below the table; their code and data are fetched when the reader comes near them. */
export function LazyPlots({ board }: PlotsProps) {
  const t = useTranslations("plots");
  const anchor = useRef<HTMLDivElement>(null);
  const [isNear, setIsNear] = useState(false);
  const [hasFailed, setHasFailed] = useState(false);
  const [Plots, setPlots] = useState<ComponentType<PlotsProps> | null>(null);

  useEffect(() => {
    const element = anchor.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        setIsNear(true);
        observer.disconnect();
      },
      { rootMargin: "400px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (!isNear || hasFailed) return;
    let isWanted = true;
    import("./board-plots").then(
      (module) => isWanted && setPlots(() => module.BoardPlots),
      () => isWanted && setHasFailed(true),
    );
    return () => {
      isWanted = false;
    };
  }, [isNear, hasFailed]);

  return (
    <div ref={anchor} className="mt-10 min-h-24">
      {Plots !== null ? (
        <Plots board={board} />
      ) : hasFailed ? (
        <p className="flex items-center gap-3 text-fg-2">
          {t("failed")}
          <Button size="bar" onClick={() => setHasFailed(false)}>
            {t("again")}
          </Button>
        </p>
      ) : null}
    </div>
  );
}
