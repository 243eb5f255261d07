"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useCopy } from "@/app/_hooks/use-copy";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { useBaseUrl } from "./base-url";

type Example = { language: string; label: string; code: string };

type ExampleTabsProps = {
  /** Code in which `placeholder` stands for the API's address. */
  examples: readonly Example[];
  placeholder: string;
};

/** The same request in several languages. */
export function ExampleTabs({ examples, placeholder }: ExampleTabsProps) {
  const t = useTranslations("api");
  const common = useTranslations("common");
  const id = useId();
  const baseUrl = useBaseUrl();
  const [chosen, setChosen] = useState(0);
  const tabs = useRef<(HTMLButtonElement | null)[]>([]);
  const { isCopied, said, copy } = useCopy();
  const code = (examples[chosen]?.code ?? "").replaceAll(placeholder, baseUrl);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = (chosen + step + examples.length) % examples.length;
    setChosen(next);
    tabs.current[next]?.focus();
  };

  return (
    <div className="overflow-hidden rounded-panel border border-line-2 bg-surface">
      <div className="flex items-center justify-between border-b border-line pr-1.5 pl-1">
        <div role="tablist" aria-label={t("examples")} onKeyDown={onKeyDown} className="flex">
          {examples.map(({ language, label }, index) => (
            <button
              key={language}
              ref={(element) => {
                tabs.current[index] = element;
              }}
              type="button"
              role="tab"
              id={`${id}-tab-${language}`}
              aria-selected={index === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={index === chosen ? 0 : -1}
              onClick={() => setChosen(index)}
              className={cn(
                "relative h-9 px-2.5 text-hint -outline-offset-2",
                index === chosen ? "font-medium text-fg" : "text-fg-2 hover:text-fg",
              )}
            >
              {label}
              {index === chosen ? <span className="absolute inset-x-0 -bottom-px h-0.5 bg-fg" /> : null}
            </button>
          ))}
        </div>
        <IconButton label={said ?? common("copy")} onClick={() => void copy(code)}>
          {isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        </IconButton>
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-tab-${examples[chosen]?.language}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
        tabIndex={0}
        className="overflow-x-auto -outline-offset-2"
      >
        <pre className="p-3 font-mono text-code">{code}</pre>
      </div>
    </div>
  );
}
