"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Failure } from "@/app/admin/_admin/failure";
import { AreaField, CheckField, SelectField, TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import { type AdminSettingsSection, settingsSectionSchema } from "@/lib/protocol";
import { type FormField, fieldsOf, parseField, textOf, valueAt, withValue } from "./form-field";
import { SectionHistory } from "./section-history";

/** One section, changed as a whole; its fields come from the section's own schema. */
export function SectionForm({ section, onSaved }: { section: AdminSettingsSection; onSaved: () => void }) {
  const t = useTranslations("admin.site");
  const deed = useDeed(settingsSectionSchema);
  const fields = fieldsOf(section.schema);
  const [value, setValue] = useState(section.value);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const title = t.has(`section.${section.name}` as never)
    ? t(`section.${section.name}` as never)
    : section.name;
  const faulty = fields.filter((field) => {
    const text = texts[field.path.join(".")];
    return text !== undefined && parseField(field, text) === undefined;
  });
  const isChanged = JSON.stringify(value) !== JSON.stringify(section.value) || faulty.length > 0;

  function type(field: FormField, text: string) {
    setTexts((before) => ({ ...before, [field.path.join(".")]: text }));
    const parsed = parseField(field, text);
    if (parsed !== undefined) setValue((before) => withValue(before, field.path, parsed));
  }

  async function save() {
    if (faulty.length > 0) return;
    const path = `/api/admin/settings/${section.name}`;
    if ((await deed.run(path, { method: "PUT", body: value })) !== null) onSaved();
  }

  return (
    <form
      noValidate
      aria-label={title}
      className="rounded-panel border border-line-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!deed.isRunning && isChanged) void save();
      }}
    >
      <h2 className="border-b border-line px-4 py-3 text-h2 sm:px-5">{title}</h2>
      <div className="grid grid-cols-1 gap-4 px-4 py-4 sm:grid-cols-2 sm:px-5">
        {fields.map((field) => (
          <Field
            key={field.path.join(".")}
            field={field}
            section={section.name}
            value={valueAt(value, field.path)}
            text={texts[field.path.join(".")]}
            isFaulty={faulty.includes(field)}
            onType={(text) => type(field, text)}
            onSet={(next) => setValue((before) => withValue(before, field.path, next))}
          />
        ))}
        {deed.error === null ? null : (
          <div className="sm:col-span-2">
            <Failure error={deed.error} />
          </div>
        )}
      </div>
      <div className="flex flex-wrap justify-between gap-2 border-t border-line px-4 py-3 sm:px-5">
        <Button variant="quiet" onClick={() => setHistoryOpen(true)}>
          {t("history")}
        </Button>
        <Button
          type="submit"
          variant={isChanged ? "primary" : "default"}
          aria-disabled={!isChanged || deed.isRunning}
        >
          {t("save")}
        </Button>
      </div>
      {isHistoryOpen ? (
        <SectionHistory
          section={section}
          title={title}
          onClose={() => setHistoryOpen(false)}
          onReverted={onSaved}
        />
      ) : null}
    </form>
  );
}

type FieldProps = {
  field: FormField;
  section: string;
  value: unknown;
  text: string | undefined;
  isFaulty: boolean;
  onType: (text: string) => void;
  onSet: (value: unknown) => void;
};

function Field({ field, section, value, text, isFaulty, onType, onSet }: FieldProps) {
  const t = useTranslations("admin.site");
  // A section that another part of the site has added may not have its words yet: then its own names stand.
  const key = `field.${section}.${field.path.join("_")}`;
  const label = t.has(key as never) ? t(key as never) : field.path.join(" · ");
  const hintKey = `hint.${section}.${field.path.join("_")}`;
  const hint = t.has(hintKey as never) ? t(hintKey as never) : undefined;
  if (field.kind === "boolean") {
    return <CheckField label={label} hint={hint} isChecked={value === true} onChange={onSet} />;
  }
  if (field.kind === "choice") {
    const choices = field.choices.map((choice) => {
      const word = `choice.${section}.${field.path.join("_")}.${choice}`;
      return { value: choice, label: t.has(word as never) ? t(word as never) : choice };
    });
    return <SelectField label={label} hint={hint} value={String(value)} choices={choices} onChange={onSet} />;
  }
  const shown = text ?? textOf(value);
  const error = isFaulty ? faultOf(field) : undefined;
  if (field.kind === "list") {
    return (
      <AreaField label={label} hint={hint ?? t("listHint")} value={shown} error={error} onChange={onType} />
    );
  }
  return (
    <TextField
      label={label}
      hint={hint}
      value={shown}
      error={error}
      placeholder={field.isNullable ? t("empty") : undefined}
      inputMode={field.kind === "integer" ? "numeric" : field.kind === "number" ? "decimal" : "text"}
      onChange={onType}
    />
  );

  function faultOf({ kind, min, max }: FormField): string {
    if (min !== null && max !== null) return t("fault.between", { min: String(min), max: String(max) });
    return kind === "integer" ? t("fault.integer") : t("fault.number");
  }
}
