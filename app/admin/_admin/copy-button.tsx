"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCopy } from "@/app/_hooks/use-copy";
import { Button } from "@/app/_ui/button";

export function CopyButton({ text }: { text: string }) {
  const t = useTranslations("common");
  const { isCopied, said, copy } = useCopy();
  const Icon = isCopied ? Check : Copy;
  return (
    <Button onClick={() => copy(text)}>
      <Icon size={16} aria-hidden="true" />
      {said ?? t("copy")}
    </Button>
  );
}
