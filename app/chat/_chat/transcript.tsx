"use client";

import { ArrowDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useRef } from "react";
import { useStickToBottom } from "use-stick-to-bottom";
import { IconButton } from "@/app/_ui/icon-button";
import { Skeleton } from "@/app/_ui/skeleton";
import { type BranchPlace, placesOf } from "@/lib/message-tree";
import type { ChatModel, Feedback, MessageView } from "@/lib/protocol";
import { AnswerMessage } from "./answer-message";
import { PromptMessage } from "./prompt-message";

type TranscriptProps = {
  /** The branch that is shown. */
  shown: readonly MessageView[];
  /** All branches. */
  all: readonly MessageView[];
  isLoading: boolean;
  /** Null while the first message is on its way. */
  conversationId: string | null;
  isBusy: boolean;
  models: readonly ChatModel[];
  /** Of the next answer. */
  currentModel: string | null;
  editingId: string | null;
  maxCharacters: number;
  onEdit: (messageId: string | null) => void;
  onResend: (messageId: string, text: string) => void;
  onSelect: (messageId: string) => void;
  onRegenerate: (messageId: string, model?: string) => void;
  onRate: (messageId: string, feedback: Feedback | null) => void;
  onBranch: (messageId: string) => void;
};

/** Of a message that is on its way. */
const alone: BranchPlace = { index: 0, count: 1, previousId: null, nextId: null };

/** The messages of one branch; stays at its end while text arrives. */
export function Transcript(props: TranscriptProps) {
  const { conversationId, shown, all, isLoading, isBusy, models, currentModel, editingId, maxCharacters } =
    props;
  const { onEdit, onResend, onSelect, onRegenerate, onRate, onBranch } = props;
  const t = useTranslations("chat");
  const stick = useStickToBottom({ initial: "instant", resize: "instant" });
  const { scrollToBottom, scrollRef, isAtBottom } = stick;
  // Messages are only ever added, so the places change with their number: a stream renders its own message alone.
  const total = all.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const places = useMemo(() => placesOf(all), [total]);
  const names = new Set(
    shown.flatMap((message) => (message.role === "assistant" ? [message.model.name] : [])),
  );
  const isNamed = names.size > 1 || (currentModel !== null && names.size === 1 && !names.has(currentModel));

  // A new message is read from its beginning on, so a reader who had scrolled away is taken to it.
  const count = shown.length;
  const previousCount = useRef(count);
  useEffect(() => {
    if (count > previousCount.current) void scrollToBottom({ animation: "instant" });
    previousCount.current = count;
  }, [count, scrollToBottom]);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scrollRef}
        role="log"
        aria-live="off"
        aria-label={t("transcript")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard has to reach it.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto overscroll-y-contain -outline-offset-2"
      >
        <div
          ref={stick.contentRef}
          className="mx-auto flex max-w-[768px] flex-col gap-5 px-4 py-5 [--answer-width:720px] sm:px-6"
        >
          {isLoading ? <Skeleton label={t("loading")} /> : null}
          {shown.map((message, index) =>
            message.role === "user" ? (
              <PromptMessage
                key={message.id}
                message={message}
                place={places.get(message.id) ?? alone}
                isBusy={isBusy}
                isEditing={editingId === message.id}
                maxCharacters={maxCharacters}
                onEdit={onEdit}
                onResend={onResend}
                onSelect={onSelect}
              />
            ) : (
              <AnswerMessage
                key={message.id}
                conversationId={conversationId}
                message={message}
                place={places.get(message.id) ?? alone}
                isBusy={isBusy}
                isLast={index === shown.length - 1}
                isNamed={isNamed}
                models={models}
                onRegenerate={onRegenerate}
                onSelect={onSelect}
                onRate={onRate}
                onBranch={onBranch}
              />
            ),
          )}
        </div>
      </div>
      {isAtBottom ? null : (
        <IconButton
          label={t("toEnd")}
          onClick={() => void scrollToBottom({ animation: "smooth" })}
          className="absolute bottom-3 left-1/2 -translate-x-1/2 border border-line-2 bg-bg"
        >
          <ArrowDown size={16} />
        </IconButton>
      )}
    </div>
  );
}
