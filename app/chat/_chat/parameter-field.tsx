"use client";

import { Slider } from "@base-ui/react/slider";
import { RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useState } from "react";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { type ParameterSpec, parseParameter, showParameter } from "./parameter-specs";

type ParameterFieldProps = {
  spec: ParameterSpec;
  /** Undefined: the default holds. */
  value: number | undefined;
  /** Null where the model does not say. */
  defaultValue: number | null;
  onChange: (value: number | undefined) => void;
};

/** One number: typed, and slid where that makes sense; the tick on the slider is the default. */
export function ParameterField({ spec, value, defaultValue, onChange }: ParameterFieldProps) {
  const t = useTranslations("chat.parameters");
  const id = useId();
  const label = t(spec.name);
  const shown = value === undefined ? "" : showParameter(value, spec);
  const [draft, setDraft] = useState(shown);
  useEffect(() => setDraft(shown), [shown]);

  const isInvalid = draft.trim() !== "" && parseParameter(draft, spec) === null;
  const isChanged = value !== undefined;
  const ownWords = spec.name === "seed" ? t("random") : t("modelsOwn");
  const placeholder = defaultValue === null ? ownWords : showParameter(defaultValue, spec);

  function type(text: string) {
    setDraft(text);
    if (text.trim() === "") onChange(undefined);
    else {
      const next = parseParameter(text, spec);
      if (next !== null) onChange(next);
    }
  }

  return (
    <div>
      <div className="flex min-h-8 items-center gap-2">
        <label htmlFor={id} className="min-w-0 flex-1 truncate">
          {label}
        </label>
        {isChanged ? (
          <span className="flex items-center gap-0.5 text-small text-fg-3">
            <span className="number max-w-28 truncate">{t("default", { value: placeholder })}</span>
            <IconButton
              label={t("reset", { name: label })}
              onClick={() => onChange(undefined)}
              className="!size-7"
            >
              <RotateCcw size={14} />
            </IconButton>
          </span>
        ) : null}
        <input
          id={id}
          type="text"
          inputMode={spec.digits === 0 ? "numeric" : "decimal"}
          value={draft}
          placeholder={placeholder}
          aria-invalid={isInvalid}
          aria-describedby={isInvalid ? `${id}-error` : undefined}
          onChange={(event) => type(event.target.value)}
          onBlur={() => setDraft(shown)}
          className={cn(
            "number h-8 rounded-control border border-control bg-bg px-2.5 text-right text-ui outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad max-sm:h-11 max-sm:text-field",
            defaultValue === null ? "w-[136px]" : "w-[76px]",
          )}
        />
      </div>
      {isInvalid ? (
        <p id={`${id}-error`} className="mt-1 text-right text-small text-bad">
          {t("invalid", { min: spec.min, max: spec.max })}
        </p>
      ) : null}
      {spec.sliderMax === null ? null : (
        <ParameterSlider
          label={label}
          spec={spec}
          max={spec.sliderMax}
          value={value ?? defaultValue}
          defaultValue={defaultValue}
          onChange={onChange}
        />
      )}
    </div>
  );
}

type ParameterSliderProps = {
  label: string;
  spec: ParameterSpec;
  max: number;
  value: number | null;
  defaultValue: number | null;
  onChange: (value: number) => void;
};

function ParameterSlider({ label, spec, max, value, defaultValue, onChange }: ParameterSliderProps) {
  const { min, step } = spec;
  const tick = defaultValue === null ? null : ((defaultValue - min) / (max - min)) * 100;
  return (
    <Slider.Root
      value={Math.min(value ?? (min + max) / 2, max)}
      min={min}
      max={max}
      step={step}
      onValueChange={(next) => onChange(Number(next.toFixed(4)))}
    >
      <Slider.Control className="flex h-7 touch-none items-center px-2 select-none max-sm:h-9">
        <Slider.Track className="relative h-0.5 w-full bg-line-2">
          {tick === null ? null : (
            <span
              aria-hidden="true"
              style={{ left: `${tick}%` }}
              className="absolute -top-[5px] h-3 w-px bg-fg-3"
            />
          )}
          <Slider.Indicator className={value === null ? "bg-line-2" : "bg-accent"} />
          <Slider.Thumb
            getAriaLabel={() => label}
            className={cn(
              "size-4 rounded-full border-2 bg-bg has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
              value === null ? "border-control" : "border-accent",
            )}
          />
        </Slider.Track>
      </Slider.Control>
    </Slider.Root>
  );
}
