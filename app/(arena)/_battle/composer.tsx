"use client";

import { useTranslations } from "next-intl";
import type { ReactNode, Ref } from "react";
import {
  type ComposerHandle,
  type ComposerImages,
  Composer as SharedComposer,
} from "@/app/_components/composer/composer";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import type { Stage } from "./describe-state";
import { sideName } from "./sides";

export type { ComposerHandle };

type ComposerProps = {
  ref: Ref<ComposerHandle>;
  draft: string;
  stage: Stage;
  isStopping: boolean;
  maxCharacters: number;
  images: ComposerImages;
  /** The line below: why voting waits, or what happens with the text. */
  hint: ReactNode;
  onDraft: (draft: string) => void;
  onSend: (text: string) => void;
  onStop: () => void;
  onEditLast: () => void;
};

/** The message to both models; its placeholder says where the battle stands. */
export function Composer({ stage, ...props }: ComposerProps) {
  const t = useTranslations("arena.composer");
  const isPhone = useMediaQuery("(width < 640px)");
  return (
    <SharedComposer
      {...props}
      label={t("label")}
      placeholder={placeholderOf(t, stage, isPhone)}
      isRunning={stage.name === "running"}
      isEmptyPage={stage.name === "empty"}
    />
  );
}

function placeholderOf(
  t: ReturnType<typeof useTranslations<"arena.composer">>,
  stage: Stage,
  isPhone: boolean,
): string {
  switch (stage.name) {
    case "running":
      return t(isPhone ? "runningShort" : "running");
    case "blocked": {
      if (isPhone) return t("failedShort");
      const [first, second] = stage.failed;
      return first === undefined || second !== undefined
        ? t("failedBoth")
        : t("failed", { side: sideName(first) });
    }
    case "open":
      if (!stage.canVote) return t("runningShort");
      return t("open");
    default:
      return t(isPhone ? "emptyShort" : "empty");
  }
}
