"use client";

import { Check, ChevronDown, Copy, GitBranch, RotateCw, ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, useRef, useState } from "react";
import { FlagAnswer } from "@/app/_components/flag-answer";
import { AnswerText } from "@/app/_components/markdown/answer-text";
import { useCopy } from "@/app/_hooks/use-copy";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { Skeleton } from "@/app/_ui/skeleton";
import type { BranchPlace } from "@/lib/message-tree";
import type { AssistantMessage, ChatModel, Feedback } from "@/lib/protocol";
import { AnswerMeasures } from "./answer-measures";
import { BranchNav } from "./branch-nav";
import { isActive } from "./chat-state";
import { FailedAnswer } from "./failed-answer";
import { ModelPopup } from "./model-popup";

type AnswerMessageProps = {
  conversationId: string | null;
  message: AssistantMessage;
  place: BranchPlace;
  isBusy: boolean;
  isLast: boolean;
  /** Shown where several models have answered. */
  isNamed: boolean;
  models: readonly ChatModel[];
  onRegenerate: (messageId: string, model?: string) => void;
  onSelect: (messageId: string) => void;
  onRate: (messageId: string, feedback: Feedback | null) => void;
  onBranch: (messageId: string) => void;
};

/** What a model has written, and what can be done with it. */
export const AnswerMessage = memo(function AnswerMessage(props: AnswerMessageProps) {
  const { conversationId, message, place, isBusy, isLast, isNamed, models } = props;
  const { onRegenerate, onSelect, onRate, onBranch } = props;
  const t = useTranslations("chat.message");
  const { isCopied, said, copy } = useCopy();
  const others = useRef<HTMLButtonElement>(null);
  const [isChoosing, setIsChoosing] = useState(false);
  const isWriting = isActive(message);
  const { text, status, feedback } = message;
  const busyOr = (label: string) => (isBusy ? t("busy") : label);
  const rate = (next: Feedback) => onRate(message.id, feedback === next ? null : next);

  return (
    <article aria-label={message.model.displayName} className="flex flex-col gap-2">
      {isNamed ? <p className="text-small text-fg-3">{message.model.displayName}</p> : null}
      {status === "queued" ? <Skeleton label={message.model.displayName} /> : null}
      <AnswerText text={text} isWriting={status === "writing"} />
      {message.isHidden ? <p className="text-hint text-fg-3">{t("hidden")}</p> : null}
      {text === "" && !message.isHidden && (status === "finished" || status === "stopped") ? (
        <p className="text-hint text-fg-3">{t("empty")}</p>
      ) : null}
      {status === "finished" && message.isTruncated ? (
        <p className="text-hint text-fg-3">{t("truncated")}</p>
      ) : null}
      {status === "failed" ? (
        <FailedAnswer
          message={message}
          canRetry={!isBusy}
          onRetry={() => onRegenerate(message.id)}
          onOtherModel={() => setIsChoosing(true)}
        />
      ) : null}
      {isWriting ? null : (
        <div className="-ml-2 flex min-h-8 flex-wrap items-center gap-x-0.5">
          <BranchNav place={place} isBusy={isBusy} onSelect={onSelect} />
          {text === "" ? null : (
            <IconButton label={said ?? t("copy")} onClick={() => void copy(text)}>
              {isCopied ? <Check size={16} className="text-ok" /> : <Copy size={16} />}
            </IconButton>
          )}
          <IconButton
            label={busyOr(t("regenerate"))}
            aria-disabled={isBusy}
            onClick={() => !isBusy && onRegenerate(message.id)}
          >
            <RotateCw size={16} />
          </IconButton>
          <IconButton
            ref={others}
            label={busyOr(t("regenerateWith"))}
            aria-disabled={isBusy}
            aria-haspopup="dialog"
            aria-expanded={isChoosing}
            onClick={() => !isBusy && setIsChoosing(!isChoosing)}
            className="-ml-1 !w-6"
          >
            <ChevronDown size={14} />
          </IconButton>
          {isLast ? null : (
            <IconButton
              label={busyOr(t("branch"))}
              aria-disabled={isBusy}
              onClick={() => !isBusy && onBranch(message.id)}
            >
              <GitBranch size={16} />
            </IconButton>
          )}
          {status === "failed" ? null : (
            <>
              <ThumbButton label={t("up")} isOn={feedback === "up"} onPress={() => rate("up")}>
                <ThumbsUp size={16} fill={feedback === "up" ? "currentColor" : "none"} />
              </ThumbButton>
              <ThumbButton label={t("down")} isOn={feedback === "down"} onPress={() => rate("down")}>
                <ThumbsDown size={16} fill={feedback === "down" ? "currentColor" : "none"} />
              </ThumbButton>
              {text === "" || conversationId === null ? null : (
                <FlagAnswer
                  subject={{ kind: "chat", conversationId, messageId: message.id }}
                  name={message.model.displayName}
                  isIcon
                />
              )}
            </>
          )}
          <AnswerMeasures message={message} />
        </div>
      )}
      <ModelPopup
        anchor={others}
        isOpen={isChoosing}
        onOpenChange={setIsChoosing}
        label={t("regenerateWith")}
        models={models}
        current={message.model}
        onChoose={(model) => onRegenerate(message.id, model)}
      />
    </article>
  );
});

type ThumbButtonProps = { label: string; isOn: boolean; onPress: () => void; children: React.ReactNode };

function ThumbButton({ label, isOn, onPress, children }: ThumbButtonProps) {
  return (
    <IconButton label={label} aria-pressed={isOn} onClick={onPress} className={cn(isOn && "!text-fg")}>
      {children}
    </IconButton>
  );
}
