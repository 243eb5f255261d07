"use client";

import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { budgetNames, type OwnKey } from "@/lib/protocol";

type KeyRowProps = {
  item: OwnKey;
  /** Absent for one that is revoked. */
  onRevoke?: () => Promise<void>;
};

/** A key with what it may do; revoking it asks once more in place. */
export function KeyRow({ item, onRevoke }: KeyRowProps) {
  const t = useTranslations("account.keys");
  const common = useTranslations("common");
  const [isAsking, setIsAsking] = useState(false);
  const [isRevoking, setIsRevoking] = useState(false);

  async function revoke() {
    setIsRevoking(true);
    await onRevoke?.();
    setIsRevoking(false);
    setIsAsking(false);
  }

  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium break-all">{item.name}</span>
          <span className="font-mono text-code text-fg-3">{item.prefix}…</span>
        </p>
        <KeyFacts item={item} />
      </div>
      {onRevoke === undefined ? null : isAsking ? (
        <div className="flex flex-wrap items-center gap-2">
          <span role="status" className="text-hint text-fg-2">
            {t("revokeAsk")}
          </span>
          <Button size="bar" className="max-sm:h-11" onClick={() => setIsAsking(false)}>
            {common("cancel")}
          </Button>
          <Button
            size="bar"
            variant="destructive"
            className="max-sm:h-11"
            aria-disabled={isRevoking}
            onClick={() => !isRevoking && void revoke()}
          >
            {t("revoke")}
          </Button>
        </div>
      ) : (
        <Button
          size="bar"
          className="max-sm:h-11"
          aria-label={t("revokeNamed", { name: item.name })}
          onClick={() => setIsAsking(true)}
        >
          {t("revoke")}
        </Button>
      )}
    </li>
  );
}

function KeyFacts({ item }: { item: OwnKey }) {
  const t = useTranslations("account.keys");
  const format = useFormatter();
  const count = new Intl.NumberFormat(useLocale());
  const day = (time: string) => format.dateTime(new Date(time), { dateStyle: "medium" });
  const isOver = item.expiresAt !== null && new Date(item.expiresAt) <= new Date();
  const budgets = budgetNames.flatMap((name) => {
    const limit = item.budgets[name];
    return limit === null ? [] : [t(`budget.${name}`, { count: count.format(limit) })];
  });
  const state =
    item.revokedAt !== null
      ? t("revokedAt", { day: day(item.revokedAt) })
      : item.expiresAt === null
        ? t("noEnd")
        : t(isOver ? "expiredAt" : "expiresAt", { day: day(item.expiresAt) });
  const used = item.lastUsedAt === null ? t("neverUsed") : t("lastUsed", { day: day(item.lastUsedAt) });
  return (
    <>
      <p
        className={
          isOver && item.revokedAt === null
            ? "number mt-0.5 text-hint text-warn"
            : "number mt-0.5 text-hint text-fg-2"
        }
      >
        {t("facts", { state, used })}
      </p>
      <p className="number mt-0.5 text-hint text-fg-3">
        {[
          item.models.length === 0 ? t("allModels") : item.models.join(", "),
          item.endpoints.length === 0 ? t("allEndpoints") : item.endpoints.join(", "),
          ...budgets,
        ].join(" · ")}
      </p>
    </>
  );
}
