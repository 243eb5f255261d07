"use client";

import { ArrowDown, Ban, Ellipsis, Play, RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Action } from "@/app/_ui/action-menu";
import { ActionMenuButton } from "@/app/_ui/action-menu-button";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { doneSchema, useDeed } from "@/app/admin/_admin/use-console";
import type { AdminWorker, WorkerAction } from "@/lib/protocol";

const icons = { drain: ArrowDown, eject: Ban, restart: RotateCw, resume: Play } as const;

type WorkerActionsProps = { worker: AdminWorker; onDone: () => void };

/** The orders that make sense for a worker as it is; each asks once more, but for the one that takes an order back. */
export function WorkerActions({ worker, onDone }: WorkerActionsProps) {
  const t = useTranslations("admin.workers");
  const deed = useDeed(doneSchema);
  const [asked, setAsked] = useState<WorkerAction | null>(null);
  const choices: WorkerAction[] =
    worker.order === "serving"
      ? ["drain", "restart", "eject"]
      : worker.order === "ejected"
        ? ["resume", "restart"]
        : ["resume", "eject"];

  async function give(action: WorkerAction) {
    const path = `/api/admin/workers/${worker.id}/order`;
    if ((await deed.run(path, { method: "POST", body: { action } })) === null) return;
    setAsked(null);
    onDone();
  }

  const actions = choices.map((action): Action => {
    const Icon = icons[action];
    return {
      name: action,
      label: t(`action.${action}`),
      icon: <Icon size={16} aria-hidden="true" />,
      isDestructive: action === "eject",
      onChoose: () => {
        deed.clear();
        if (action === "resume") void give(action);
        else setAsked(action);
      },
    };
  });

  return (
    <>
      <ActionMenuButton
        label={t("actions", { name: worker.address })}
        className="inline-flex size-8 items-center justify-center rounded-control text-fg-2 hover:bg-muted hover:text-fg max-sm:size-11"
        actions={actions}
      >
        <Ellipsis size={16} aria-hidden="true" />
      </ActionMenuButton>
      {asked === null ? null : (
        <AskDialog
          title={t(`ask.${asked}.title`, { name: worker.address })}
          action={t(`action.${asked}`)}
          isDestructive={asked === "eject"}
          isRunning={deed.isRunning}
          error={deed.error}
          onDo={() => void give(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{t(`ask.${asked}.body`, { count: worker.busySlots })}</p>
          {worker.onlyHere.length === 0 ? null : (
            <p className="mt-2">{t("ask.onlyHere", { models: worker.onlyHere.join(", ") })}</p>
          )}
        </AskDialog>
      )}
    </>
  );
}
