"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useCopy } from "@/app/_hooks/use-copy";
import { Button } from "@/app/_ui/button";
import type { NewOwnKey } from "@/lib/protocol";

/** The only time that the key itself is shown. */
export function NewKey({ created, onDone }: { created: NewOwnKey; onDone: () => void }) {
  const t = useTranslations("account.keys");
  const common = useTranslations("common");
  const { isCopied, said, copy } = useCopy();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby="new-key" className="mt-4 rounded-panel border border-accent px-4 py-3.5">
      <h3 id="new-key" ref={heading} tabIndex={-1} className="font-semibold outline-none">
        {t("created", { name: created.key.name })}
      </h3>
      <p className="mt-1 text-hint text-fg-2">{t("createdNote")}</p>
      <p
        className="mt-3 rounded-control bg-surface px-3 py-2 font-mono text-code break-all select-all"
        data-secret
      >
        {created.secret}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button variant="primary" className="max-sm:h-11" onClick={() => void copy(created.secret)}>
          {isCopied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
          {said ?? common("copy")}
        </Button>
        <Button className="max-sm:h-11" onClick={onDone}>
          {t("kept")}
        </Button>
      </div>
    </section>
  );
}
