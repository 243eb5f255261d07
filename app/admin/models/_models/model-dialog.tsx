"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { DeedForm } from "@/app/admin/_admin/deed-form";
import { AreaField, SelectField, TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AdminModel, adminModelSchema, type ModelChangeRequest } from "@/lib/protocol";
import { type ModelDraft, parametersText, readDraft } from "./model-draft";

const stages = ["public", "experimental", "retired"] as const;

type ModelDialogProps = {
  /** Null: a new one. */
  model: AdminModel | null;
  onClose: () => void;
  onDone: () => void;
};

export function ModelDialog({ model, onClose, onDone }: ModelDialogProps) {
  const t = useTranslations("admin.models");
  const deed = useDeed(adminModelSchema);
  const [draft, setDraft] = useState<ModelDraft>(() => ({
    name: model?.name ?? "",
    displayName: model?.displayName ?? "",
    organization: model?.organization ?? "",
    licence: model?.licence ?? "",
    stage: model?.stage ?? "public",
    maxConcurrent: model?.maxConcurrent?.toString() ?? "",
    tokensPerMinute: model?.tokensPerMinute?.toString() ?? "",
    priority: model?.priority.toString() ?? "0",
    priceInput: model?.priceInputMicros?.toString() ?? "",
    priceOutput: model?.priceOutputMicros?.toString() ?? "",
    parameters: parametersText(model?.defaultParameters ?? {}),
    systemPrompt: model?.systemPrompt ?? "",
  }));
  const [fault, setFault] = useState<keyof ModelDraft | null>(null);
  const set = (field: keyof ModelDraft) => (value: string) =>
    setDraft((known) => ({ ...known, [field]: value }));
  const faultOf = (field: keyof ModelDraft) => (fault === field ? t(`fault.${kindOf(field)}`) : undefined);

  async function save() {
    const read = readDraft(draft);
    setFault(read.fault);
    if (read.fault !== null) return;
    const body: ModelChangeRequest & { name?: string } = read.change;
    const done =
      model === null
        ? await deed.run("/api/admin/models", { method: "POST", body: { ...body, name: draft.name } })
        : await deed.run(`/api/admin/models/${encodeURIComponent(model.name)}`, { method: "PATCH", body });
    if (done !== null) onDone();
  }

  const half = "grid grid-cols-1 gap-4 sm:grid-cols-2";
  return (
    <ConsoleDialog title={model === null ? t("add") : model.displayName} onClose={onClose}>
      <DeedForm deed={deed} action={t("save")} onDo={() => void save()}>
        {model === null ? (
          <TextField label={t("name")} hint={t("nameHint")} value={draft.name} onChange={set("name")} />
        ) : null}
        <div className={half}>
          <TextField label={t("displayName")} value={draft.displayName} onChange={set("displayName")} />
          <SelectField
            label={t("stage")}
            hint={t(`stageHint.${draft.stage}`)}
            value={draft.stage}
            choices={stages.map((value) => ({ value, label: t(`stages.${value}`) }))}
            onChange={set("stage")}
          />
          <TextField label={t("organization")} value={draft.organization} onChange={set("organization")} />
          <TextField label={t("licence")} value={draft.licence} onChange={set("licence")} />
          <TextField
            label={t("maxConcurrent")}
            hint={t("maxConcurrentHint")}
            inputMode="numeric"
            placeholder={t("noLimit")}
            value={draft.maxConcurrent}
            error={faultOf("maxConcurrent")}
            onChange={set("maxConcurrent")}
          />
          <TextField
            label={t("tokensPerMinute")}
            hint={t("tokensPerMinuteHint")}
            inputMode="numeric"
            placeholder={t("noLimit")}
            value={draft.tokensPerMinute}
            error={faultOf("tokensPerMinute")}
            onChange={set("tokensPerMinute")}
          />
          <TextField
            label={t("priority")}
            hint={t("priorityHint")}
            inputMode="numeric"
            value={draft.priority}
            error={faultOf("priority")}
            onChange={set("priority")}
          />
          <TextField
            label={t("priceInput")}
            inputMode="numeric"
            value={draft.priceInput}
            error={faultOf("priceInput")}
            onChange={set("priceInput")}
          />
          <TextField
            label={t("priceOutput")}
            inputMode="numeric"
            value={draft.priceOutput}
            error={faultOf("priceOutput")}
            onChange={set("priceOutput")}
          />
        </div>
        <AreaField
          label={t("parameters")}
          hint={t("parametersHint")}
          rows={3}
          value={draft.parameters}
          error={faultOf("parameters")}
          onChange={set("parameters")}
        />
        <AreaField
          label={t("systemPrompt")}
          hint={t("systemPromptHint")}
          value={draft.systemPrompt}
          onChange={set("systemPrompt")}
        />
      </DeedForm>
    </ConsoleDialog>
  );
}

const kindOf = (field: keyof ModelDraft) => (field === "parameters" ? "json" : "integer");
