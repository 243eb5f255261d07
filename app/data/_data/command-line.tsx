"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { ScrollRegion } from "@/app/_components/scroll-region";
import { useCopy } from "@/app/_hooks/use-copy";
import { IconButton } from "@/app/_ui/icon-button";

/** A command to be copied. Long ones scroll inside. */
export function CommandLine({ label, command }: { label: string; command: string }) {
  const t = useTranslations("common");
  const { isCopied, said, copy } = useCopy();
  return (
    <div className="mt-2 flex items-center gap-1 rounded-panel border border-line bg-surface pr-1 pl-3">
      <ScrollRegion label={label} className="min-w-0 flex-1">
        <pre className="py-2.5 font-mono text-code">{command}</pre>
      </ScrollRegion>
      <IconButton label={said ?? t("copy")} onClick={() => void copy(command)}>
        {isCopied ? <Check size={16} /> : <Copy size={16} />}
      </IconButton>
    </div>
  );
}
