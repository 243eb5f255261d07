"use client";

import { Flag } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import type { FlagSubject } from "@/lib/protocol";

const FlagDialog = dynamic(() => import("./flag-dialog").then((module) => module.FlagDialog), { ssr: false });

type FlagAnswerProps = {
  subject: FlagSubject;
  /** Whose answer it is, as the reader sees it. */
  name: string;
  /** Of a published battle: the reader says which of the two. */
  sides?: { a: string; b: string } | undefined;
  isIcon?: boolean;
  className?: string;
};

/** Tells the moderators of an answer. The dialog is fetched when it is first wanted. */
export function FlagAnswer({ subject, name, sides, isIcon = false, className }: FlagAnswerProps) {
  const t = useTranslations("flag");
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {isIcon ? (
        <IconButton label={t("of", { name })} className={className} onClick={() => setOpen(true)}>
          <Flag size={16} />
        </IconButton>
      ) : (
        <Button
          variant="quiet"
          size="bar"
          aria-label={t("of", { name })}
          className={cn("-ml-2.5", className)}
          onClick={() => setOpen(true)}
        >
          <Flag size={14} aria-hidden="true" />
          {t("button")}
        </Button>
      )}
      {isOpen ? <FlagDialog subject={subject} sides={sides} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
