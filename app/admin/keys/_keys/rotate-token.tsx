"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { AskDialog } from "@/app/admin/_admin/ask-dialog";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AdminJoinToken, newJoinTokenSchema } from "@/lib/protocol";
import { type Overlap, OverlapField } from "./overlap-field";
import { SecretOnce } from "./secret-once";

type RotateTokenProps = { token: AdminJoinToken; onClose: () => void; onChanged: () => void };

/** Another token in place of one, while both work. */
export function RotateToken({ token, onClose, onChanged }: RotateTokenProps) {
  const t = useTranslations("admin.keys");
  const deed = useDeed(newJoinTokenSchema);
  const [hours, setHours] = useState<Overlap>("168");
  const [secret, setSecret] = useState<string | null>(null);

  async function rotate() {
    const path = `/api/admin/join-tokens/${token.prefix}/rotate`;
    const made = await deed.run(path, { method: "POST", body: { overlapHours: Number(hours) } });
    if (made === null) return;
    onChanged();
    setSecret(made.secret);
  }

  if (secret !== null) {
    return (
      <ConsoleDialog title={token.name} onClose={onClose}>
        <SecretOnce secret={secret} onClose={onClose} />
      </ConsoleDialog>
    );
  }
  return (
    <AskDialog
      title={t("ask.rotate.title", { name: token.name })}
      action={t("do.rotate")}
      isRunning={deed.isRunning}
      error={deed.error}
      onDo={() => void rotate()}
      onClose={onClose}
    >
      <p className="mb-4">{t("ask.rotateToken.body", { count: token.workers })}</p>
      <OverlapField label={t("overlapToken")} value={hours} onChange={setHours} />
    </AskDialog>
  );
}
