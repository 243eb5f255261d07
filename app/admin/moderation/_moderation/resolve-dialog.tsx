"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { AreaField, CheckField } from "@/app/admin/_admin/fields";
import { doneSchema, useDeed } from "@/app/admin/_admin/use-console";
import type { FlaggedAnswer, ModerationAction } from "@/lib/protocol";

type ResolveDialogProps = {
  item: FlaggedAnswer;
  isDismissal: boolean;
  onClose: () => void;
  onDone: () => void;
};

/** What is to be done, and why: the note goes into the audit log with it. */
export function ResolveDialog({ item, isDismissal, onClose, onDone }: ResolveDialogProps) {
  const t = useTranslations("admin.moderation");
  const deed = useDeed(doneSchema);
  const [note, setNote] = useState("");
  const [isNoteMissing, setNoteMissing] = useState(false);
  const [actions, setActions] = useState<readonly ModerationAction[]>(isDismissal ? [] : ["hide"]);
  const possible: ModerationAction[] = [
    "hide",
    ...(item.vote !== null && !item.vote.isExcluded ? (["exclude_vote"] as const) : []),
    ...(item.isVisitorDisabled ? [] : (["disable_visitor"] as const)),
  ];

  async function resolve() {
    setNoteMissing(note.trim() === "");
    if (note.trim() === "" || (!isDismissal && actions.length === 0)) return;
    const path = `/api/admin/moderation/${item.subjectId}/resolve`;
    if ((await deed.run(path, { method: "POST", body: { actions, note } })) === null) return;
    onDone();
    onClose();
  }

  return (
    <AskDialog
      title={t(isDismissal ? "dismissTitle" : "actTitle")}
      action={t(isDismissal ? "dismiss" : "act")}
      isDestructive={!isDismissal}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void resolve()}
      onClose={onClose}
    >
      <div className="flex flex-col gap-4">
        {isDismissal
          ? null
          : possible.map((action) => (
              <CheckField
                key={action}
                label={t(`action.${action}`)}
                hint={t(`actionHint.${action}`)}
                isChecked={actions.includes(action)}
                onChange={(isOn) =>
                  setActions((before) =>
                    isOn ? [...before, action] : before.filter((other) => other !== action),
                  )
                }
              />
            ))}
        <AreaField
          label={t("note")}
          hint={t("noteHint")}
          rows={2}
          value={note}
          error={isNoteMissing ? t("noteMissing") : undefined}
          onChange={setNote}
        />
      </div>
    </AskDialog>
  );
}
