"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { Button } from "@/app/_ui/button";
import { Segmented } from "@/app/_ui/segmented";
import { TextField } from "@/app/_ui/text-field";
import { ToggleChip } from "@/app/_ui/toggle-chip";
import {
  type BudgetName,
  budgetNames,
  type CreateOwnKeyRequest,
  type KeyList,
  keyEndpoints,
  type NewOwnKey,
} from "@/lib/protocol";

type KeyFormProps = {
  caps: KeyList["caps"];
  /** Something else is to be done first: this form's button steps back. */
  isSecondary: boolean;
  onCreated: (created: NewOwnKey) => void;
};

const lives = ["30", "90", "365", "never"] as const;
type Endpoint = (typeof keyEndpoints)[number];

/** What a new key may do. Nothing chosen means as much as the account's role allows. */
export function KeyForm({ caps, isSecondary, onCreated }: KeyFormProps) {
  const t = useTranslations("account.keys");
  const errorText = useErrorText();
  const count = new Intl.NumberFormat(useLocale());
  const element = useRef<HTMLFormElement>(null);
  const [life, setLife] = useState<string>("90");
  const [endpoints, setEndpoints] = useState<readonly Endpoint[]>([]);
  const form = useForm(async (fields) => {
    onCreated(await accountApi.createKey(toRequest(fields, life, endpoints)));
    element.current?.reset();
    setEndpoints([]);
  });
  const { param } = form.error?.details ?? {};
  return (
    <section aria-labelledby="make-key">
      <h2 id="make-key" className="text-h2">
        {t("make")}
      </h2>
      <form
        ref={element}
        method="post"
        onSubmit={(event) => void form.submit(event)}
        className="mt-3 flex flex-col gap-4"
      >
        <TextField
          label={t("name")}
          name="name"
          required
          maxLength={128}
          hint={t("nameHint")}
          autoComplete="off"
        />
        <div>
          <p aria-hidden="true" className="mb-1.5 text-hint font-medium">
            {t("life")}
          </p>
          <Segmented
            isCompact
            label={t("life")}
            choices={lives.map((value) => ({ value, label: t(`lives.${value}`) }))}
            value={life}
            onChoose={setLife}
          />
        </div>
        <TextField
          label={t("models")}
          name="models"
          placeholder={t("modelsAll")}
          hint={t("modelsHint")}
          autoComplete="off"
          spellCheck={false}
        />
        <fieldset>
          <legend className="text-hint font-medium">{t("endpoints")}</legend>
          <div className="mt-1.5 flex flex-wrap gap-1.5">
            {keyEndpoints.map((endpoint) => (
              <ToggleChip
                key={endpoint}
                isOn={endpoints.includes(endpoint)}
                onToggle={(isOn) =>
                  setEndpoints((chosen) =>
                    isOn ? [...chosen, endpoint] : chosen.filter((other) => other !== endpoint),
                  )
                }
              >
                <span className="font-mono">{endpoint}</span>
              </ToggleChip>
            ))}
          </div>
          <p className="mt-1.5 text-hint text-fg-3">{t("endpointsHint")}</p>
        </fieldset>
        <details>
          <summary className="w-fit rounded-badge text-hint text-fg-2">{t("budgets")}</summary>
          <p className="mt-2 text-hint text-fg-3">{t("budgetsHint")}</p>
          <div className="mt-2 grid grid-cols-2 gap-3">
            {budgetNames.map((name) => (
              <TextField
                key={name}
                label={t(`budgetName.${name}`)}
                name={name}
                inputMode="numeric"
                pattern="[0-9]*"
                autoComplete="off"
                placeholder={capText(caps[name], count, t("noCap"))}
                error={
                  param === `budgets.${name}`
                    ? t("tooMuch", { max: capText(caps[name], count, "") })
                    : undefined
                }
              />
            ))}
          </div>
        </details>
        <FormMessage error={errorText(form.error)} />
        <Button
          type="submit"
          variant={isSecondary ? "default" : "primary"}
          aria-disabled={form.isSending}
          className="self-start max-sm:h-11"
        >
          {t("makeNow")}
        </Button>
        {caps.maxKeys === null ? null : (
          <p className="text-hint text-fg-3">{t("maxKeys", { count: caps.maxKeys })}</p>
        )}
      </form>
    </section>
  );
}

const capText = (cap: number | null, count: Intl.NumberFormat, none: string): string =>
  cap === null ? none : count.format(cap);

function toRequest(
  fields: Record<string, string>,
  life: string,
  endpoints: readonly Endpoint[],
): CreateOwnKeyRequest {
  const budgets: Partial<Record<BudgetName, number>> = {};
  for (const name of budgetNames) {
    const text = fields[name]?.trim() ?? "";
    if (text !== "") budgets[name] = Number(text);
  }
  return {
    name: fields.name ?? "",
    models: (fields.models ?? "").split(/[\s,，、]+/).filter((pattern) => pattern !== ""),
    endpoints: [...endpoints],
    expiresInDays: life === "never" ? null : Number(life),
    budgets,
  };
}
