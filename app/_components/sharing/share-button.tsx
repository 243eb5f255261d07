"use client";

import { Share } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ShareTarget } from "@/app/_data/publication-api";
import { buttonClass } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";

const ShareDialog = dynamic(() => import("./share-dialog").then((module) => module.ShareDialog), {
  ssr: false,
});

type ShareButtonProps = {
  target: ShareTarget;
  className?: string;
  /** Of the word beside the sign; where it is hidden the button still has its name. */
  wordClassName?: string;
};

/** Opens what publishes a battle or chat at an address of its own, and takes it back. Loaded when it is first needed. */
export function ShareButton({ target, className, wordClassName }: ShareButtonProps) {
  const t = useTranslations("share");
  const [isOpen, setIsOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={t("button")}
        data-tip={wordClassName === undefined ? undefined : t("button")}
        onClick={() => {
          setWasOpened(true);
          setIsOpen(true);
        }}
        className={cn(className ?? buttonClass("quiet"))}
      >
        <Share size={16} aria-hidden="true" />
        <span className={wordClassName}>{t("button")}</span>
      </button>
      {wasOpened ? <ShareDialog target={target} isOpen={isOpen} onOpenChange={setIsOpen} /> : null}
    </>
  );
}
