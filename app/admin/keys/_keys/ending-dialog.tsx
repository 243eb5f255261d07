"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { z } from "zod";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AdminKey, adminKeySchema, newKeySchema } from "@/lib/protocol";
import { type Overlap, OverlapField } from "./overlap-field";
import { SecretOnce } from "./secret-once";

const answerSchema = z.union([newKeySchema, adminKeySchema]);

type EndingDialogProps = {
  kind: "rotate" | "revoke";
  apiKey: AdminKey;
  onClose: () => void;
  onChanged: () => void;
};

/** Another key in place of one, or none any more. */
export function EndingDialog({ kind, apiKey, onClose, onChanged }: EndingDialogProps) {
  const t = useTranslations("admin.keys");
  const deed = useDeed(answerSchema);
  const [hours, setHours] = useState<Overlap>("168");
  const [secret, setSecret] = useState<string | null>(null);

  async function end() {
    const path = `/api/admin/keys/${apiKey.prefix}`;
    const answer =
      kind === "revoke"
        ? await deed.run(path, { method: "DELETE" })
        : await deed.run(`${path}/rotate`, { method: "POST", body: { overlapHours: Number(hours) } });
    if (answer === null) return;
    onChanged();
    if ("secret" in answer) setSecret(answer.secret);
    else onClose();
  }

  if (secret !== null) {
    return (
      <ConsoleDialog title={apiKey.name} onClose={onClose}>
        <SecretOnce secret={secret} onClose={onClose} />
      </ConsoleDialog>
    );
  }
  return (
    <AskDialog
      title={t(`ask.${kind}.title`, { name: apiKey.name })}
      action={t(`do.${kind}`)}
      isDestructive={kind === "revoke"}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void end()}
      onClose={onClose}
    >
      <p>{t(`ask.${kind}.body`)}</p>
      {kind === "rotate" ? (
        <div className="mt-4">
          <OverlapField label={t("overlap")} value={hours} onChange={setHours} />
        </div>
      ) : null}
    </AskDialog>
  );
}
