"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { AskDialog } from "./ask-dialog";
import { AreaField } from "./fields";
import { doneSchema, useDeed } from "./use-console";

type NoteDialogProps = {
  title: string;
  action: string;
  isDestructive?: boolean;
  /** Where it is sent, with what; the note is added to it. */
  path: string;
  body?: Record<string, unknown>;
  /** Something of the dialog's own is still missing. */
  isIncomplete?: boolean;
  children?: ReactNode;
  onClose: () => void;
  onDone: () => void;
};

/** A deed that needs a reason: it goes into the audit log. */
export function NoteDialog(props: NoteDialogProps) {
  const { title, action, isDestructive, path, body = {}, isIncomplete, children, onClose, onDone } = props;
  const t = useTranslations("admin.moderation");
  const deed = useDeed(doneSchema);
  const [note, setNote] = useState("");
  const [isNoteMissing, setNoteMissing] = useState(false);

  async function act() {
    setNoteMissing(note.trim() === "");
    if (note.trim() === "" || isIncomplete === true) return;
    if ((await deed.run(path, { method: "POST", body: { ...body, note } })) === null) return;
    onDone();
    onClose();
  }

  return (
    <AskDialog
      title={title}
      action={action}
      isDestructive={isDestructive}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void act()}
      onClose={onClose}
    >
      {children === undefined ? null : <div className="mb-4">{children}</div>}
      <AreaField
        label={t("note")}
        hint={t("noteHint")}
        rows={2}
        value={note}
        error={isNoteMissing ? t("noteMissing") : undefined}
        onChange={setNote}
      />
    </AskDialog>
  );
}
