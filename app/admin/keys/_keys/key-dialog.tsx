"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { z } from "zod";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { DeedForm } from "@/app/admin/_admin/deed-form";
import { CheckField, TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AdminKey, adminKeySchema, newKeySchema } from "@/lib/protocol";
import { dayOf, listOf } from "./key-draft";
import { SecretOnce } from "./secret-once";

const limits = [
  "requestsPerMinute",
  "tokensPerMinute",
  "requestsPerDay",
  "tokensPerDay",
  "maxConcurrent",
] as const;
const answerSchema = z.union([newKeySchema, adminKeySchema]);

type KeyDialogProps = {
  /** Null: a new key. */
  known: AdminKey | null;
  onClose: () => void;
  onChanged: () => void;
};

export function KeyDialog({ known, onClose, onChanged }: KeyDialogProps) {
  const t = useTranslations("admin.keys");
  const deed = useDeed(answerSchema);
  const [secret, setSecret] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [draft, setDraft] = useState<Draft>(() => ({
    name: known?.name ?? "",
    ownerLabel: known?.ownerLabel ?? "",
    models: known?.models.join(", ") ?? "",
    pools: known?.pools.join(", ") ?? "",
    endpoints: known?.endpoints.join(", ") ?? "",
    expires: known?.expiresAt?.toISOString().slice(0, 10) ?? "",
    allowExperimental: known?.allowExperimental ?? false,
    requestsPerMinute: known?.requestsPerMinute?.toString() ?? "",
    tokensPerMinute: known?.tokensPerMinute?.toString() ?? "",
    requestsPerDay: known?.requestsPerDay?.toString() ?? "",
    tokensPerDay: known?.tokensPerDay?.toString() ?? "",
    maxConcurrent: known?.maxConcurrent?.toString() ?? "",
  }));
  const set = (field: keyof Draft) => (value: string) =>
    setDraft((before) => ({ ...before, [field]: value }));

  async function save() {
    const wrong = limits.find((name) => !/^\d{0,10}$/.test(draft[name].trim()));
    const expiresAt = dayOf(draft.expires);
    setFault(wrong ?? (expiresAt === undefined ? "expires" : null));
    if (wrong !== undefined || expiresAt === undefined) return;
    const numbers = limits.map((name) => [name, draft[name].trim() === "" ? null : Number(draft[name])]);
    const body = {
      ...Object.fromEntries(numbers),
      name: draft.name,
      models: listOf(draft.models),
      pools: listOf(draft.pools),
      endpoints: listOf(draft.endpoints),
      allowExperimental: draft.allowExperimental,
      expiresAt,
      ...(known === null ? { ownerLabel: draft.ownerLabel } : {}),
    };
    const answer =
      known === null
        ? await deed.run("/api/admin/keys", { method: "POST", body })
        : await deed.run(`/api/admin/keys/${known.prefix}`, { method: "PATCH", body });
    if (answer === null) return;
    onChanged();
    if ("secret" in answer) setSecret(answer.secret);
    else onClose();
  }

  return (
    <ConsoleDialog title={known === null ? t("addKey") : known.name} onClose={onClose}>
      {secret === null ? (
        <DeedForm deed={deed} action={t(known === null ? "makeKey" : "save")} onDo={() => void save()}>
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
            <TextField label={t("name")} value={draft.name} onChange={set("name")} />
            {known === null ? (
              <TextField label={t("owner")} value={draft.ownerLabel} onChange={set("ownerLabel")} />
            ) : null}
            <TextField
              label={t("models")}
              hint={t("modelsHint")}
              value={draft.models}
              onChange={set("models")}
            />
            <TextField label={t("pools")} hint={t("listHint")} value={draft.pools} onChange={set("pools")} />
            <TextField
              label={t("endpoints")}
              hint={t("listHint")}
              value={draft.endpoints}
              onChange={set("endpoints")}
            />
            <TextField
              label={t("expires")}
              hint={t("expiresHint")}
              placeholder="2027-01-31"
              value={draft.expires}
              error={fault === "expires" ? t("fault.day") : undefined}
              onChange={set("expires")}
            />
            {limits.map((name) => (
              <TextField
                key={name}
                label={t(`limit.${name}`)}
                placeholder={t("budget.none")}
                inputMode="numeric"
                value={draft[name]}
                error={fault === name ? t("fault.integer") : undefined}
                onChange={set(name)}
              />
            ))}
          </div>
          <CheckField
            label={t("allowExperimental")}
            isChecked={draft.allowExperimental}
            onChange={(allowExperimental) => setDraft((before) => ({ ...before, allowExperimental }))}
          />
        </DeedForm>
      ) : (
        <SecretOnce secret={secret} onClose={onClose} />
      )}
    </ConsoleDialog>
  );
}

type Draft = { allowExperimental: boolean } & Record<
  "name" | "ownerLabel" | "models" | "pools" | "endpoints" | "expires" | (typeof limits)[number],
  string
>;
