"use client";

import { ChevronDown, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useState } from "react";
import { Button } from "@/app/_ui/button";
import { IconButton } from "@/app/_ui/icon-button";
import { type ChatModel, type ChatParameters, chatLimits } from "@/lib/protocol";
import type { ChatSession } from "./chat-session";
import type { Settings } from "./chat-state";
import { ParameterField } from "./parameter-field";
import { changedCount, parameterSpecs } from "./parameter-specs";
import { type PersonaName, personaNames } from "./personas";

type ParametersFormProps = {
  settings: Settings;
  /** They could not be stored. */
  isUnsaved: boolean;
  model: ChatModel | null;
  session: ChatSession;
};

const maxStopStrings = 4;
const maxStopCharacters = 64;

/** System prompt, persona and parameters of the next answers. Loaded when the drawer is first opened. */
export function ParametersForm({ settings, isUnsaved, model, session }: ParametersFormProps) {
  const t = useTranslations("chat.parameters");
  const { parameters, systemPrompt } = settings;
  const changed = changedCount(parameters) + (systemPrompt === "" ? 0 : 1);

  function set(change: Partial<ChatParameters>) {
    const next = Object.entries({ ...parameters, ...change }).filter(([, value]) => value !== undefined);
    session.settings.setParameters(Object.fromEntries(next));
  }

  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto overscroll-contain px-5 py-4">
        <SystemPrompt text={systemPrompt} onChange={session.settings.setSystemPrompt} />
        {parameterSpecs.map((spec) => (
          <ParameterField
            key={spec.name}
            spec={spec}
            value={parameters[spec.name]}
            defaultValue={defaultOf(spec.name, model)}
            onChange={(value) => set({ [spec.name]: value })}
          />
        ))}
        <StopStrings stop={parameters.stop ?? []} onChange={(stop) => set({ stop })} />
      </div>
      <footer className="flex min-h-14 shrink-0 items-center justify-between gap-3 border-t border-line px-5 py-2 text-small text-fg-3">
        <p aria-live="polite">
          {isUnsaved ? <span className="text-bad">{t("unsaved")}</span> : t("changed", { count: changed })}
        </p>
        <Button
          size="bar"
          aria-disabled={changed === 0}
          onClick={() => {
            if (changed === 0) return;
            session.settings.setSystemPrompt("");
            session.settings.setParameters({});
          }}
        >
          {t("resetAll")}
        </Button>
      </footer>
    </>
  );
}

/** OpenAI's API defines no penalty as the default; the rest is the model's to say. */
function defaultOf(name: (typeof parameterSpecs)[number]["name"], model: ChatModel | null): number | null {
  switch (name) {
    case "presencePenalty":
    case "frequencyPenalty":
      return 0;
    case "maxTokens":
      return model?.maxTokens ?? null;
    case "seed":
      return null;
    default:
      return model?.defaults[name] ?? null;
  }
}

function SystemPrompt({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const t = useTranslations("chat.parameters");
  const tPersona = useTranslations("chat.persona");
  const id = useId();
  const promptOf = (name: PersonaName) => tPersona(`${name}.prompt`);
  const persona = text === "" ? "none" : (personaNames.find((name) => promptOf(name) === text) ?? "custom");
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <label htmlFor={id}>{t("system")}</label>
        <div className="relative flex items-center">
          <select
            aria-label={t("persona")}
            value={persona}
            onChange={(event) => {
              const name = event.target.value;
              if (name === "none") onChange("");
              else if (name !== "custom") onChange(promptOf(name as PersonaName));
            }}
            className="h-8 max-w-44 cursor-pointer appearance-none rounded-control border border-line-2 bg-bg pr-7 pl-2.5 text-hint font-medium max-sm:h-11 max-sm:text-field"
          >
            <option value="none">{t("none")}</option>
            {personaNames.map((name) => (
              <option key={name} value={name}>
                {tPersona(`${name}.name`)}
              </option>
            ))}
            {persona === "custom" ? <option value="custom">{t("custom")}</option> : null}
          </select>
          <ChevronDown
            size={14}
            aria-hidden="true"
            className="pointer-events-none absolute right-2 text-fg-2"
          />
        </div>
      </div>
      <textarea
        id={id}
        rows={4}
        value={text}
        maxLength={chatLimits.maxSystemPromptCharacters}
        placeholder={t("systemPlaceholder")}
        onChange={(event) => onChange(event.target.value)}
        className="min-h-[88px] resize-y rounded-panel border border-control bg-bg px-3 py-2 text-ui outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 max-sm:text-field"
      />
    </div>
  );
}

function StopStrings({ stop, onChange }: { stop: readonly string[]; onChange: (stop?: string[]) => void }) {
  const t = useTranslations("chat.parameters");
  const id = useId();
  const stored = stop.join("\n");
  const [draft, setDraft] = useState(stored);
  // Empty lines while typing are not stored, so what is stored must not take them away.
  useEffect(() => setDraft((now) => (linesOf(now).join("\n") === stored ? now : stored)), [stored]);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex min-h-8 items-center justify-between gap-2">
        <label htmlFor={id}>{t("stop")}</label>
        {stop.length === 0 ? null : (
          <span className="flex items-center gap-0.5 text-small text-fg-3">
            {t("default", { value: t("noStop") })}
            <IconButton
              label={t("reset", { name: t("stop") })}
              onClick={() => {
                setDraft("");
                onChange(undefined);
              }}
              className="!size-7"
            >
              <RotateCcw size={14} />
            </IconButton>
          </span>
        )}
      </div>
      <textarea
        id={id}
        rows={Math.min(maxStopStrings, Math.max(1, draft.split("\n").length))}
        value={draft}
        placeholder={t("noStop")}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          setDraft(event.target.value);
          const lines = linesOf(event.target.value);
          onChange(lines.length === 0 ? undefined : lines);
        }}
        className="resize-none rounded-control border border-control bg-bg px-2.5 py-1.5 font-mono text-code outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 max-sm:text-field"
      />
      <p id={`${id}-hint`} className="text-small text-fg-3">
        {t("stopHint")}
      </p>
    </div>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(0, maxStopCharacters))
    .slice(0, maxStopStrings);
}
