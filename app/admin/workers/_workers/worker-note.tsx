import { useLocale, useTranslations } from "next-intl";
import type { AdminWorker } from "@/lib/protocol";

/** The second line of a worker in trouble: what happened, and what follows. Null: nothing to say. */
export function useWorkerNote(): (worker: AdminWorker, now: Date) => string | null {
  const t = useTranslations("admin.workers.note");
  const locale = useLocale();
  return (worker, now) => {
    const sentences = [happened(worker, now), follows(worker)].filter((text) => text !== null);
    return sentences.length === 0 ? null : sentences.join(locale === "zh" ? "" : " ");
  };

  function happened(worker: AdminWorker, now: Date): string | null {
    const by = worker.orderedBy ?? t("somebody");
    switch (worker.state) {
      case "draining":
        return t("draining", { by, count: worker.busySlots });
      case "drained":
        return t("drained", { by });
      case "restarting":
        return t("restarting", { by });
      case "ejected":
        return t("ejected", { by });
      case "failing":
        return t("failing", {
          count: worker.errorsInARow,
          seconds: Math.max(0, Math.ceil(((worker.ejectedUntil?.getTime() ?? 0) - now.getTime()) / 1000)),
        });
      case "silent":
        return t("silent");
      case "unreachable":
        return t("unreachable");
      case "slow":
        return t("slow");
      default:
        return null;
    }
  }

  function follows({ state, onlyHere }: AdminWorker): string | null {
    if (state === "healthy" || state === "slow" || onlyHere.length === 0) return null;
    return t("onlyHere", { models: onlyHere.join(locale === "zh" ? "、" : ", ") });
  }
}
