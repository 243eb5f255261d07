"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { doneSchema, useDeed } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import type { ReleaseJobView } from "@/lib/protocol";

type ReleaseProgressProps = { job: ReleaseJobView; onChanged: () => void };

/** How far a release is that is being made, and the way out of it. */
export function ReleaseProgress({ job, onChanged }: ReleaseProgressProps) {
  const t = useTranslations("admin.data");
  const moment = useMoment();
  const deed = useDeed(doneSchema);
  const [isAsked, setAsked] = useState(false);
  const { release: name, done, total } = job;

  async function cancel() {
    const path = `/api/admin/releases/${job.id}/cancel`;
    if ((await deed.run(path, { method: "POST", body: {} })) === null) return;
    setAsked(false);
    onChanged();
  }

  return (
    <div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="font-medium">{t("running", { name })}</p>
        {job.cancelledBy === null ? (
          <Button onClick={() => setAsked(true)}>{t("cancel")}</Button>
        ) : (
          <p className="text-hint text-fg-2">{t("cancelling")}</p>
        )}
      </div>
      <progress
        aria-label={t("progressLabel", { name })}
        className="my-2 block h-1.5 w-full accent-accent"
        max={Math.max(total, 1)}
        {...(total === 0 ? {} : { value: done })}
      />
      <p className="number text-hint text-fg-2">
        {total === 0 ? t("starting") : done < total ? t("progress", { done, total }) : t("writingRest")}
      </p>
      <p className="number text-hint text-fg-3">
        {t("by", { by: job.startedBy, at: moment(job.startedAt) })}
      </p>
      {isAsked ? (
        <AskDialog
          title={t("cancelTitle", { name })}
          action={t("cancelDo")}
          isDestructive
          isRunning={deed.isRunning}
          error={deed.error}
          onDo={() => void cancel()}
          onClose={() => setAsked(false)}
        >
          {t("cancelBody")}
        </AskDialog>
      ) : null}
    </div>
  );
}
