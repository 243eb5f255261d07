"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useRef } from "react";
import { useFocusSoon } from "@/app/_hooks/use-focus-soon";
import type { FoundDetails } from "@/lib/protocol";

/** What the screen for personal data finds: each with its kind, its place and the text around it. */
export function FoundList({ found, children }: { found: FoundDetails; children: ReactNode }) {
  const t = useTranslations("share.found");
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusSoon(heading);
  const more = found.total - found.finds.length;
  return (
    <section aria-labelledby="found-title">
      <h3 id="found-title" ref={heading} tabIndex={-1} className="font-semibold outline-none">
        {t("title", { count: found.total })}
      </h3>
      <p className="mt-1 text-fg-2">{t("lead")}</p>
      <ul className="mt-3 max-h-[40dvh] overflow-y-auto rounded-panel border border-line">
        {found.finds.map(({ place, kind, before, found: text, after }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and two finds may be equal.
          <li key={index} className="border-t border-line px-3 py-2 first:border-t-0">
            <p className="flex justify-between gap-3 text-small text-fg-3">
              <span>{t(`kind.${kind}`)}</span>
              <span>{t(`place.${place.part}`, { turn: place.turn })}</span>
            </p>
            <p className="mt-0.5 text-hint break-words text-fg-2">
              {before}
              <mark className="rounded-badge bg-accent-soft px-0.5 font-medium text-accent">{text}</mark>
              {after}
            </p>
          </li>
        ))}
      </ul>
      {more <= 0 ? null : <p className="mt-2 text-hint text-fg-3">{t("more", { count: more })}</p>}
      <div className="mt-4 flex flex-wrap justify-end gap-2">{children}</div>
    </section>
  );
}
