"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { CheckField } from "@/app/admin/_admin/fields";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import type { FlaggedAnswer, ModerationAction } from "@/lib/protocol";

type ResolveDialogProps = {
  item: FlaggedAnswer;
  isDismissal: boolean;
  onClose: () => void;
  onDone: () => void;
};

/** What is to be done about an answer that was flagged, and why. */
export function ResolveDialog({ item, isDismissal, onClose, onDone }: ResolveDialogProps) {
  const t = useTranslations("admin.moderation");
  const [actions, setActions] = useState<readonly ModerationAction[]>(isDismissal ? [] : ["hide"]);
  const possible: ModerationAction[] = [
    "hide",
    ...(item.vote !== null && !item.vote.isExcluded ? (["exclude_vote"] as const) : []),
    ...(item.isVisitorDisabled ? [] : (["disable_visitor"] as const)),
  ];
  return (
    <NoteDialog
      title={t(isDismissal ? "dismissTitle" : "actTitle")}
      action={t(isDismissal ? "dismiss" : "act")}
      isDestructive={!isDismissal}
      path={`/api/admin/moderation/${item.subjectId}/resolve`}
      body={{ actions }}
      isIncomplete={!isDismissal && actions.length === 0}
      onClose={onClose}
      onDone={onDone}
    >
      {isDismissal ? undefined : (
        <div className="flex flex-col gap-4">
          {possible.map((action) => (
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
        </div>
      )}
    </NoteDialog>
  );
}
