"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Failure } from "@/app/admin/_admin/failure";
import { TextField } from "@/app/admin/_admin/fields";
import { useDeed } from "@/app/admin/_admin/use-console";
import {
  type AdminSampling,
  adminSamplingSchema,
  type SamplingEffect,
  samplingEffectSchema,
} from "@/lib/protocol";
import { EffectTable } from "./effect-table";
import { draftOf, policyFields, readPolicy } from "./sampling-draft";

/** The policy, its effect on the next votes, and only then the way to put it in force. */
export function SamplingForm({ view, onSaved }: { view: AdminSampling; onSaved: () => void }) {
  const t = useTranslations("admin.sampling");
  const [draft, setDraft] = useState(() => draftOf(view));
  const simulation = useDeed(samplingEffectSchema);
  const saving = useDeed(adminSamplingSchema);
  /** With the draft that it was made for: after another change it says nothing any more. */
  const [seen, setSeen] = useState<{ draft: typeof draft; effect: SamplingEffect } | null>(null);
  const { fault, policy } = readPolicy(draft);
  const isSeen = seen !== null && seen.draft === draft;
  const set = (name: string) => (value: string) => setDraft((before) => ({ ...before, [name]: value }));

  async function simulate() {
    if (policy === null) return;
    const effect = await simulation.run("/api/admin/sampling/simulate", { method: "POST", body: { policy } });
    if (effect !== null) setSeen({ draft, effect });
  }

  async function save() {
    if (policy === null || !isSeen) return;
    if ((await saving.run("/api/admin/sampling", { method: "PUT", body: { policy } })) !== null) onSaved();
  }

  return (
    <div className="flex flex-col gap-6">
      <form
        noValidate
        aria-label={t("policy")}
        className="rounded-panel border border-line-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (!simulation.isRunning) void simulate();
        }}
      >
        <div className="grid grid-cols-1 gap-4 px-4 py-4 sm:grid-cols-2 sm:px-5 lg:grid-cols-3">
          {policyFields.map(({ name }) => (
            <TextField
              key={name}
              label={t(`field.${name}`)}
              hint={t(`hint.${name}`)}
              inputMode="decimal"
              value={draft[name] ?? ""}
              error={fault === name ? t("fault") : undefined}
              onChange={set(name)}
            />
          ))}
        </div>
        <fieldset className="border-t border-line px-4 py-4 sm:px-5">
          <legend className="sr-only">{t("weights")}</legend>
          <p aria-hidden="true" className="mb-1 text-h2">
            {t("weights")}
          </p>
          <p className="mb-3 max-w-[80ch] text-hint text-fg-3">{t("weightsHint")}</p>
          <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
            {view.models.map(({ name, displayName }) => (
              <TextField
                key={name}
                label={displayName}
                inputMode="decimal"
                placeholder="1"
                value={draft[`weight ${name}`] ?? ""}
                error={fault === `weight ${name}` ? t("weightFault") : undefined}
                onChange={set(`weight ${name}`)}
              />
            ))}
          </div>
        </fieldset>
        <div className="flex flex-wrap items-center justify-end gap-3 border-t border-line px-4 py-3 sm:px-5">
          {isSeen ? null : <p className="text-hint text-fg-3">{t("seeFirst")}</p>}
          <Button type="submit" variant={isSeen ? "default" : "primary"} aria-disabled={simulation.isRunning}>
            {t(simulation.isRunning ? "simulating" : "simulate")}
          </Button>
          <Button
            variant={isSeen ? "primary" : "default"}
            aria-disabled={!isSeen || saving.isRunning}
            onClick={() => {
              if (isSeen && !saving.isRunning) void save();
            }}
          >
            {t("save")}
          </Button>
        </div>
      </form>
      {simulation.error === null ? null : <Failure error={simulation.error} />}
      {saving.error === null ? null : <Failure error={saving.error} />}
      {seen === null ? null : <EffectTable effect={seen.effect} isCurrent={isSeen} />}
    </div>
  );
}
