"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { adminModelSchema } from "@/lib/protocol";

export function RenameDialog({
  name,
  onClose,
  onDone,
}: {
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useTranslations("admin.models");
  const deed = useDeed(adminModelSchema);
  const [draft, setDraft] = useState(name);

  async function rename() {
    const path = `/api/admin/models/${encodeURIComponent(name)}/rename`;
    if ((await deed.run(path, { method: "POST", body: { name: draft } })) !== null) onDone();
  }

  return (
    <AskDialog
      title={t("renameTitle", { name })}
      action={t("do.rename")}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void rename()}
      onClose={onClose}
    >
      <p className="mb-4">{t("renameBody")}</p>
      <TextField label={t("name")} value={draft} onChange={setDraft} />
    </AskDialog>
  );
}
