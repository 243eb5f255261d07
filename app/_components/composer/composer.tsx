"use client";

import { ArrowUp, Image, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import type { DraftImage } from "@/app/_components/images/draft-image";
import { DraftImageList } from "@/app/_components/images/draft-image-list";
import type { ApiErrorCode } from "@/app/_data/api-error";
import { useAutoHeight } from "@/app/_hooks/use-auto-height";
import { isComposing } from "@/app/_hooks/use-keys";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { Kbd } from "@/app/_ui/kbd";
import { ComposerHint, composerHintId } from "./composer-hint";

export type ComposerImages = {
  list: readonly DraftImage[];
  /** Why no image can go with the message; null where one can. */
  refusal: ApiErrorCode | null;
  /** With a refusal nothing is added; it is to be said. */
  onAdd: (files: readonly File[]) => void;
  onRefused: (refusal: ApiErrorCode) => void;
  onRemove: (key: string) => void;
};

export type ComposerHandle = { focus: (options?: { atEnd?: boolean }) => void };

type ComposerProps = {
  ref: Ref<ComposerHandle>;
  draft: string;
  label: string;
  placeholder: string;
  /** Something is being written: Stop stands in the place of Send. */
  isRunning: boolean;
  isStopping: boolean;
  /** Nothing was sent yet, so there is no last message to edit. */
  isEmptyPage: boolean;
  maxCharacters: number;
  images: ComposerImages;
  /** The line below: what happens next, or with the text. */
  hint: ReactNode;
  onDraft: (draft: string) => void;
  onSend: (text: string) => void;
  onStop: () => void;
  onEditLast: () => void;
};

/** Never disabled: while a model writes it holds the next message. */
export function Composer(props: ComposerProps) {
  const { ref, draft, label, placeholder, isRunning, isStopping, isEmptyPage, maxCharacters, hint } = props;
  const { images, onDraft, onSend, onStop, onEditLast } = props;
  const t = useTranslations("composer");
  const words = useTranslations();
  const picker = useRef<HTMLInputElement>(null);
  const [isDropTarget, setIsDropTarget] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const excess = draft.length - maxCharacters;
  const canSend = draft.trim() !== "" && excess <= 0;

  useImperativeHandle(ref, () => ({
    focus(options) {
      const element = field.current;
      if (element === null) return;
      element.focus();
      if (options?.atEnd === true) {
        // The draft arrives with the next render.
        requestAnimationFrame(() => element.setSelectionRange(element.value.length, element.value.length));
      }
    },
  }));

  useAutoHeight(field, draft);

  // On a phone the keyboard would cover the first page.
  useEffect(() => {
    if (window.matchMedia("(pointer: fine) and (width >= 640px)").matches) field.current?.focus();
  }, []);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "ArrowUp" && draft === "" && !isEmptyPage) {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (canSend) onSend(draft);
  }

  /** Runs what adds an image, or says why none can be added. */
  function unlessRefused(add: () => void) {
    if (images.refusal === null) add();
    else images.onRefused(images.refusal);
  }

  function addFiles(files: readonly File[]) {
    if (files.length > 0) unlessRefused(() => images.onAdd(files));
  }

  /** Anything else that is dragged over the page, such as text, goes its usual way. */
  const drag = (event: DragEvent, isOver: boolean) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setIsDropTarget(isOver);
  };

  return (
    <form
      className="flex flex-col"
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) drag(event, false);
      }}
      onDrop={(event) => {
        drag(event, false);
        addFiles([...event.dataTransfer.files]);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend(draft);
      }}
    >
      <div
        className={cn(
          "relative rounded-panel border border-control bg-bg transition-colors duration-[120ms] focus-within:border-accent focus-within:outline-1 focus-within:outline-accent",
          isDropTarget && "border-accent outline-1 outline-accent",
        )}
      >
        {isDropTarget ? (
          <p className="pointer-events-none absolute inset-0 z-10 flex items-center justify-center rounded-panel bg-accent-soft text-accent">
            {words("images.drop")}
          </p>
        ) : null}
        {images.list.length === 0 ? null : <DraftImageList images={images.list} onRemove={images.onRemove} />}
        <div className="flex items-end">
          <textarea
            ref={field}
            rows={1}
            value={draft}
            aria-label={label}
            aria-describedby={composerHintId}
            aria-invalid={excess > 0}
            placeholder={placeholder}
            onChange={(event) => onDraft(event.target.value)}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const files = [...event.clipboardData.files].filter(({ type }) => type.startsWith("image/"));
              if (files.length === 0) return;
              event.preventDefault();
              addFiles(files);
            }}
            className="block max-h-[40dvh] min-h-[50px] min-w-0 flex-1 resize-none bg-transparent py-[13px] pr-2 pl-4 text-field outline-none max-sm:min-h-[46px] max-sm:py-[11px]"
          />
          <div className="flex shrink-0 items-center gap-2 p-[7px] max-sm:p-[5px]">
            <input
              ref={picker}
              type="file"
              accept="image/jpeg,image/png,image/webp"
              multiple
              hidden
              aria-hidden="true"
              tabIndex={-1}
              onChange={(event) => {
                addFiles([...(event.target.files ?? [])]);
                // The same file again is a choice again.
                event.target.value = "";
                field.current?.focus();
              }}
            />
            <IconButton
              label={images.refusal === null ? words("images.add") : words(`errors.${images.refusal}`)}
              aria-disabled={images.refusal !== null}
              onClick={() => unlessRefused(() => picker.current?.click())}
            >
              <Image size={16} />
            </IconButton>
            {isRunning ? (
              <Button
                aria-disabled={isStopping}
                aria-keyshortcuts="Escape"
                onClick={isStopping ? undefined : onStop}
              >
                <Square size={14} aria-hidden="true" />
                {t("stop")}
                <Kbd className="max-sm:hidden">Esc</Kbd>
              </Button>
            ) : (
              <button
                type="submit"
                aria-label={t("send")}
                data-tip={t("send")}
                data-tip-key="Enter"
                aria-disabled={!canSend}
                className={cn(
                  "flex size-9 items-center justify-center rounded-control border transition-colors duration-[120ms]",
                  canSend ? "border-fg bg-fg text-bg hover:bg-fg-2" : "border-line bg-surface text-fg-3",
                )}
              >
                <ArrowUp size={16} aria-hidden="true" />
              </button>
            )}
          </div>
        </div>
      </div>
      <ComposerHint isEmptyPage={isEmptyPage}>
        {excess > 0 ? (
          <span className="text-bad">{t("tooLong", { count: excess, limit: maxCharacters })}</span>
        ) : (
          hint
        )}
      </ComposerHint>
    </form>
  );
}
