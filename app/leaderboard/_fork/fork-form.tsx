"use client";

import { Switch } from "@base-ui/react/switch";
import { Plus, X } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useEffect, useId, useState } from "react";
import { formatScore } from "@/app/_components/format-number";
import { type ForkChoice, type ForkCovariate, forkCovariates, oddVoterRate } from "@/lib/fork";
import { tieModelNames } from "@/lib/protocol";
import type { ForkChange } from "./fork-params";
import type { FittedFork } from "./use-fork";

type ForkFormProps = {
  choice: ForkChoice;
  onChange: (change: ForkChange) => void;
  fitted: FittedFork | null;
  /** Models that can be left out. */
  models: readonly { model: string; displayName: string }[];
};

/** What a reader may change. A choice that another one excludes gives way to it: the newer choice wins. */
export function ForkForm({ choice, onChange, fitted, models }: ForkFormProps) {
  const t = useTranslations("fork");
  const name = useId();
  const nameOf = new Map(models.map(({ model, displayName }) => [model, displayName]));
  const setCovariate = (covariate: ForkCovariate, isOn: boolean) => {
    const chosen = forkCovariates.filter((one) =>
      one === covariate ? isOn : choice.covariates.includes(one),
    );
    onChange({ forkEqual: chosen, ...(isOn ? { forkTies: null } : {}) });
  };
  return (
    <div className="flex flex-col px-5">
      <Section title={t("ties")}>
        {tieModelNames.map((ties) => (
          <label key={ties} className="flex min-h-8 cursor-pointer items-center gap-2.5 max-sm:min-h-11">
            <input
              type="radio"
              name={name}
              checked={choice.ties === ties}
              onChange={() =>
                onChange({
                  forkTies: ties,
                  ...(ties === "half" ? {} : { forkEqual: null, forkWeights: null }),
                })
              }
              className="size-4 shrink-0 accent-accent"
            />
            <span>
              {t(`tie.${ties}`)} <span className="text-hint text-fg-3">{t(`tieNote.${ties}`)}</span>
            </span>
          </label>
        ))}
      </Section>
      <Section title={t("equal")}>
        {forkCovariates.map((covariate) => {
          const isOn = choice.covariates.includes(covariate);
          return (
            <label
              key={covariate}
              className="flex min-h-8 cursor-pointer items-center gap-2.5 max-sm:min-h-11"
            >
              <input
                type="checkbox"
                checked={isOn}
                onChange={(event) => setCovariate(covariate, event.target.checked)}
                className="size-4 shrink-0 accent-accent"
              />
              <span className="flex-1">{t(`covariate.${covariate}`)}</span>
              {isOn ? <Gamma covariate={covariate} fitted={fitted} /> : null}
            </label>
          );
        })}
      </Section>
      <Section title={t("votes")}>
        <MinVotes value={choice.minVotes} onChange={(forkMin) => onChange({ forkMin })} />
        <SwitchRow
          label={t("weights")}
          note={t("weightsNote")}
          isOn={choice.weights === "pairs"}
          onToggle={(isOn) =>
            onChange({ forkWeights: isOn ? "pairs" : null, ...(isOn ? { forkTies: null } : {}) })
          }
        />
        <SwitchRow
          label={t("odd")}
          note={t("oddNote", { percent: Math.round(oddVoterRate * 100) })}
          isOn={choice.withoutOddVoters}
          onToggle={(isOn) => onChange({ forkOdd: isOn ? true : null })}
        />
      </Section>
      <Section title={t("without")}>
        <div className="flex flex-wrap gap-2 py-1">
          {choice.without.length === 0 ? (
            <span className="flex h-7 items-center text-hint text-fg-3 max-sm:h-9">
              {t("withoutNone", { count: models.length })}
            </span>
          ) : null}
          {choice.without.map((model) => (
            <button
              key={model}
              type="button"
              aria-label={t("takeBack", { name: nameOf.get(model) ?? model })}
              onClick={() => onChange({ forkWithout: choice.without.filter((one) => one !== model) })}
              className="flex h-7 max-w-full items-center gap-1.5 rounded-control border border-line-2 bg-bg px-2.5 text-hint hover:bg-muted max-sm:h-9"
            >
              <span className="truncate">{nameOf.get(model) ?? model}</span>
              <X size={14} aria-hidden="true" className="shrink-0 text-fg-3" />
            </button>
          ))}
          <span className="relative flex h-7 items-center gap-1.5 rounded-control border border-line-2 bg-bg px-2.5 text-hint focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent hover:bg-muted max-sm:h-9">
            <Plus size={14} aria-hidden="true" className="text-fg-2" />
            {t("leaveOut")}
            {/* The system's own list: it finds a name by its first letters, on every device. */}
            <select
              aria-label={t("leaveOut")}
              value=""
              onChange={(event) => onChange({ forkWithout: [...choice.without, event.target.value] })}
              className="absolute inset-0 size-full cursor-pointer opacity-0"
            >
              <option value="" disabled>
                {t("leaveOut")}
              </option>
              {models
                .filter(({ model }) => !choice.without.includes(model))
                .map(({ model, displayName }) => (
                  <option key={model} value={model}>
                    {displayName}
                  </option>
                ))}
            </select>
          </span>
        </div>
      </Section>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="border-t border-line py-3 first:border-t-0">
      <legend className="float-left mb-1 w-full text-hint text-fg-3">{title}</legend>
      <div className="clear-both flex flex-col">{children}</div>
    </fieldset>
  );
}

/** What was found of a covariate; unknown while its fit is on its way, and where the votes know nothing of it. */
function Gamma({ covariate, fitted }: { covariate: ForkCovariate; fitted: FittedFork | null }) {
  const t = useTranslations("fork");
  const locale = useLocale();
  if (fitted === null || !fitted.choice.covariates.includes(covariate)) return null;
  const effect = fitted.fit.effects.find((one) => one.name === covariate);
  if (effect === undefined) return <span className="text-hint text-fg-3">{t("noEffect")}</span>;
  const words = t("gamma", {
    gamma: formatScore(effect.gamma, locale, 3),
    lower: formatScore(effect.lower, locale, 3),
    upper: formatScore(effect.upper, locale, 3),
  });
  return (
    <span className="number text-hint text-fg-3" data-tip={words}>
      <span aria-hidden="true">γ {formatScore(effect.gamma, locale, 3)}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

/** A number that counts when it is whole; while it is being typed it may be anything. */
function MinVotes({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const t = useTranslations("fork");
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  return (
    <div className="flex min-h-9 items-center justify-between gap-3 max-sm:min-h-11">
      <label htmlFor={id}>{t("minVotes")}</label>
      <input
        id={id}
        inputMode="numeric"
        value={text}
        onChange={(event) => {
          const next = event.target.value.replace(/\D/g, "").slice(0, 9);
          setText(next);
          if (next !== "") onChange(Number(next));
        }}
        onBlur={() => setText(String(value))}
        className="number h-9 w-[76px] rounded-control border border-control bg-bg px-2.5 text-right text-ui focus:border-accent focus:outline-1 focus:outline-accent max-sm:h-11 max-sm:text-field"
      />
    </div>
  );
}

type SwitchRowProps = { label: string; note: string; isOn: boolean; onToggle: (isOn: boolean) => void };

function SwitchRow({ label, note, isOn, onToggle }: SwitchRowProps) {
  const id = useId();
  return (
    <div className="flex min-h-9 items-start justify-between gap-3 py-1.5 max-sm:min-h-11">
      <label htmlFor={id}>
        {label} <span className="block text-hint text-fg-3">{note}</span>
      </label>
      <Switch.Root
        id={id}
        nativeButton
        render={<button type="button" />}
        checked={isOn}
        onCheckedChange={onToggle}
        className="relative h-6 w-10 shrink-0 rounded-full border border-control bg-bg transition-colors duration-[120ms] data-checked:border-accent data-checked:bg-accent"
      >
        <Switch.Thumb className="absolute top-[3px] left-[3px] size-4 rounded-full bg-control transition duration-[120ms] data-checked:translate-x-4 data-checked:bg-accent-fg" />
      </Switch.Root>
    </div>
  );
}
