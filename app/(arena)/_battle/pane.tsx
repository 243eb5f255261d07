"use client";

import { ArrowDown, Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { useStickToBottom } from "use-stick-to-bottom";
import { FlagAnswer } from "@/app/_components/flag-answer";
import { PromptImages } from "@/app/_components/images/prompt-images";
import { AnswerText } from "@/app/_components/markdown/answer-text";
import { useCopy } from "@/app/_hooks/use-copy";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { Skeleton } from "@/app/_ui/skeleton";
import type { ImageView, ResponseView, Side, TurnView } from "@/lib/protocol";
import { FailedSide } from "./failed-side";
import { paneId } from "./pane-tabs";
import { SideBadge } from "./side-badge";
import { SideStatusWord } from "./side-status";
import { isActive, otherSide, sideName } from "./sides";

export type PaneHandle = { focus: () => void; hasFocus: () => boolean; copy: () => void };

type PaneProps = {
  ref: Ref<PaneHandle>;
  side: Side;
  name: string;
  /** Stands in place of the name where the model can be chosen. */
  picker: ReactNode;
  turns: readonly TurnView[];
  isRevealed: boolean;
  /** Of the battle whose vote is cast: its answers can be flagged. Null before. */
  votedBattleId: string | null;
  isWinner: boolean;
  isTabPanel: boolean;
  canRetry: boolean;
  mayTakeFocus: boolean;
  onRetry: (side: Side) => void;
  /** Null where the visitor has chosen the pair. */
  onNewPair: (() => void) | null;
};

/** One side: its head, and a transcript that scrolls by itself and stays at its end while text arrives. */
export function Pane(props: PaneProps) {
  const { ref, side, name, picker, turns, isRevealed, isWinner, isTabPanel } = props;
  const t = useTranslations("arena");
  const root = useRef<HTMLElement>(null);
  const { isCopied, said, copy } = useCopy();
  const last = turns.at(-1);
  const response = last?.[side];
  const isRunning = response !== undefined && isActive(response.status);
  const stick = useStickToBottom({ initial: isRunning ? "instant" : false, resize: "instant" });
  const { scrollToBottom, scrollRef, isAtBottom } = stick;

  // A new turn is read from its beginning on, so a reader who had scrolled away is taken to it.
  const turnCount = turns.length;
  const previousCount = useRef(turnCount);
  useEffect(() => {
    if (turnCount > previousCount.current) void scrollToBottom({ animation: "instant" });
    previousCount.current = turnCount;
  }, [turnCount, scrollToBottom]);

  const text = response?.text ?? "";
  useImperativeHandle(ref, () => ({
    focus: () => scrollRef.current?.focus(),
    hasFocus: () => root.current?.contains(document.activeElement) === true,
    copy: () => void (text === "" ? undefined : copy(text)),
  }));

  return (
    <section
      ref={root}
      id={paneId(side)}
      role={isTabPanel ? "tabpanel" : "region"}
      aria-label={name}
      className={cn(
        "relative flex min-h-0 min-w-0 flex-col max-sm:w-full max-sm:shrink-0 max-sm:snap-start max-sm:snap-always",
        side === "b" && "sm:border-l sm:border-line",
      )}
    >
      <header className="flex h-11 shrink-0 items-center gap-2.5 border-b border-line pr-3 pl-5 max-sm:hidden md:pr-8 md:pl-10">
        <SideBadge side={side} isFilled={isWinner} />
        <h2 className="min-w-0 flex-1 truncate text-ui font-semibold">{picker ?? name}</h2>
        {response === undefined || isRevealed ? null : <SideStatusWord response={response} />}
        <IconButton
          label={said ?? t("copyAnswer", { name })}
          keyHint="C"
          aria-disabled={text === ""}
          onClick={() => text !== "" && void copy(text)}
        >
          {isCopied ? <Check size={16} className="text-ok" /> : <Copy size={16} />}
        </IconButton>
      </header>
      <div
        ref={scrollRef}
        role="log"
        aria-live="off"
        aria-label={t("answersOf", { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard has to reach it.
        tabIndex={0}
        // An opaque ground lets the browser move what is painted already when it scrolls.
        className="min-h-0 flex-1 overflow-y-auto overscroll-y-contain bg-bg -outline-offset-2"
      >
        <div ref={stick.contentRef} className="flex flex-col gap-6 px-4 py-5 sm:px-5 md:px-10">
          {last === undefined ? <Skeleton label={t("answers")} /> : null}
          {turns.map((turn, index) => (
            <PaneTurn
              // biome-ignore lint/suspicious/noArrayIndexKey: the place of a turn is its identity; the prompt on its way and the turn that answers it share it.
              key={index}
              side={side}
              name={name}
              votedBattleId={props.votedBattleId}
              canRetry={props.canRetry}
              mayTakeFocus={props.mayTakeFocus}
              onRetry={props.onRetry}
              onNewPair={props.onNewPair}
              prompt={turns.length > 1 ? turn.prompt : null}
              images={turns.length > 1 ? turn.images : noImages}
              response={turn[side]}
              otherStatus={turn[otherSide(side)].status}
              isLast={index === turns.length - 1}
            />
          ))}
        </div>
      </div>
      {isAtBottom || !isRunning ? null : (
        <IconButton
          label={t("toEnd")}
          onClick={() => void scrollToBottom({ animation: "smooth" })}
          className="absolute bottom-3 left-1/2 -translate-x-1/2 border border-line-2 bg-bg"
        >
          <ArrowDown size={16} />
        </IconButton>
      )}
    </section>
  );
}

/** The same each time, so that a turn without images does not render again. */
const noImages: readonly ImageView[] = [];

type PaneTurnProps = Pick<
  PaneProps,
  "side" | "votedBattleId" | "canRetry" | "mayTakeFocus" | "onRetry" | "onNewPair"
> & {
  name: string;
  /** Shown above the answer as soon as there are several. */
  prompt: string | null;
  images: readonly ImageView[];
  response: ResponseView;
  otherStatus: ResponseView["status"];
  isLast: boolean;
};

const PaneTurn = memo(function PaneTurn(props: PaneTurnProps) {
  const { side, prompt, images, response, otherStatus, isLast, canRetry, mayTakeFocus, onRetry, onNewPair } =
    props;
  const t = useTranslations("arena");
  const { text, status } = response;
  return (
    <article
      className={cn(
        "flex flex-col gap-4",
        prompt !== null && "border-t border-line pt-5 first:border-t-0 first:pt-0",
      )}
    >
      {prompt === null ? null : (
        <p className="line-clamp-3 max-w-[640px] text-ui whitespace-pre-wrap text-fg-2">
          <span className="mr-2 text-hint text-fg-3">{t("you")}</span>
          {prompt}
        </p>
      )}
      <PromptImages images={images} size="small" className="-mt-2" />
      <AnswerText text={text} isWriting={status === "writing"} />
      {response.isHidden ? <p className="text-hint text-fg-3">{t("hidden")}</p> : null}
      {isLast && props.votedBattleId !== null && text !== "" ? (
        <FlagAnswer
          subject={{ kind: "battle", battleId: props.votedBattleId, side }}
          name={props.name}
          className="-mt-2 self-start"
        />
      ) : null}
      {text === "" && !response.isHidden && (status === "finished" || status === "stopped") ? (
        <p className="text-hint text-fg-3">{t("empty")}</p>
      ) : null}
      {text === "" || isActive(status) ? null : <CopyOnPhone text={text} />}
      {response.isTruncated && status === "finished" ? (
        <p className="text-hint text-fg-3">{t("truncated")}</p>
      ) : null}
      {isLast && status === "failed" ? (
        <FailedSide
          side={side}
          failure={response.failure ?? "interrupted"}
          text={text}
          otherName={sideName(otherSide(side))}
          canRetry={canRetry}
          mayTakeFocus={mayTakeFocus && !isActive(otherStatus)}
          onRetry={onRetry}
          onNewPair={onNewPair}
        />
      ) : null}
    </article>
  );
});

/** The pane's head, with its button, is not there on a phone. */
function CopyOnPhone({ text }: { text: string }) {
  const t = useTranslations("arena");
  const { isCopied, said, copy } = useCopy();
  return (
    <Button variant="quiet" onClick={() => void copy(text)} className="-ml-3.5 self-start sm:hidden">
      {isCopied ? <Check size={16} className="text-ok" /> : <Copy size={16} aria-hidden="true" />}
      {said ?? t("copy")}
    </Button>
  );
}
