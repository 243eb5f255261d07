"use client";

import { ChevronDown, PenLine, RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { type Ref, useImperativeHandle, useRef, useState } from "react";
import { PromptImages } from "@/app/_components/images/prompt-images";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import type { ImageView } from "@/lib/protocol";
import { PromptEditor } from "./prompt-editor";

export type PromptRowHandle = { edit: () => void };

type PromptRowProps = {
  ref: Ref<PromptRowHandle>;
  /** Null while the battle is being fetched. */
  prompt: string | null;
  images: readonly ImageView[];
  maxCharacters: number;
  /** 1 is the first turn. */
  number: number;
  /** False once the vote is cast: the turns are then final. */
  canChange: boolean;
  /** Both sides have to end before a turn can be replaced. */
  isBusy: boolean;
  onResend: (prompt?: string) => void;
};

/** Roughly what two lines hold on a laptop, and one line on a phone. */
const foldAbove = { wide: 200, narrow: 38 };

/** The prompt of the last turn, above both answers. */
export function PromptRow(props: PromptRowProps) {
  const { ref, prompt, images, maxCharacters, number, canChange, isBusy, onResend } = props;
  const t = useTranslations("arena");
  const [isOpen, setIsOpen] = useState(false);
  const [isEditing, setIsEditing] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const canEdit = canChange && !isBusy;

  useImperativeHandle(ref, () => ({
    edit() {
      if (canEdit) setIsEditing(true);
    },
  }));

  if (isEditing && canChange && prompt !== null) {
    return (
      <PromptEditor
        prompt={prompt}
        maxCharacters={maxCharacters}
        onCancel={() => {
          setIsEditing(false);
          requestAnimationFrame(() => editButton.current?.focus());
        }}
        onResend={(text) => {
          setIsEditing(false);
          onResend(text);
        }}
      />
    );
  }

  const text = prompt ?? "";
  const lines = text.split("\n").length;
  const isLongWide = text.length > foldAbove.wide || lines > 2;
  const isLong = isLongWide || text.length > foldAbove.narrow || lines > 1;
  const busyReason = isBusy ? t("waitForBoth") : null;

  return (
    <section
      aria-label={t("prompt")}
      className="flex shrink-0 items-start gap-3 border-b border-line bg-surface py-2 pr-2 pl-4 max-sm:min-h-10 sm:min-h-[52px] sm:pr-5 sm:pl-5 md:pr-8 md:pl-10"
    >
      <span className="w-12 shrink-0 pt-2 text-hint text-fg-3 max-sm:hidden">{t("you")}</span>
      <PromptImages images={images} size="small" className="shrink-0 max-sm:py-0" />
      <p
        tabIndex={isOpen ? 0 : undefined}
        className={cn(
          "min-w-0 flex-1 py-1.5 text-answer whitespace-pre-wrap max-sm:py-0.5 max-sm:text-ui",
          images.length > 0 && "max-sm:self-center",
          isOpen ? "max-h-[36dvh] overflow-y-auto" : "line-clamp-2 max-sm:line-clamp-1",
        )}
      >
        {text}
      </p>
      <div className="flex shrink-0 items-center gap-0.5 sm:min-h-9">
        <span className="mr-2 text-small text-fg-3 max-sm:hidden">
          {number > 0 ? t("turn", { number }) : null}
        </span>
        {canChange ? (
          <>
            <IconButton
              ref={editButton}
              label={busyReason ?? t("edit")}
              aria-disabled={!canEdit}
              onClick={() => canEdit && setIsEditing(true)}
              className={isOpen ? undefined : "max-sm:hidden"}
            >
              <PenLine size={16} />
            </IconButton>
            <IconButton
              label={busyReason ?? t("regenerate")}
              aria-disabled={!canEdit}
              onClick={() => canEdit && onResend()}
              className={isOpen ? undefined : "max-sm:hidden"}
            >
              <RotateCw size={16} />
            </IconButton>
          </>
        ) : null}
        {isLong || canEdit ? (
          <IconButton
            label={t(isOpen ? "hidePrompt" : "showPrompt")}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
            className={cn("max-sm:-my-1", isLongWide ? null : "sm:hidden")}
          >
            <ChevronDown
              size={16}
              className={cn("transition-transform duration-[120ms]", isOpen && "rotate-180")}
            />
          </IconButton>
        ) : null}
      </div>
    </section>
  );
}
