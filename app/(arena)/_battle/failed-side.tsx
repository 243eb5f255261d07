"use client";

import { RotateCw, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { joinSentences } from "@/app/_components/join-sentences";
import { useCopy } from "@/app/_hooks/use-copy";
import { isTextField } from "@/app/_hooks/use-keys";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import { Kbd } from "@/app/_ui/kbd";
import type { Side, SideFailure } from "@/lib/protocol";
import { sideName } from "./sides";

type FailedSideProps = {
  side: Side;
  failure: SideFailure;
  /** What it had written. */
  text: string;
  otherName: string;
  canRetry: boolean;
  /** The focus goes to Try again, but never away from a text that is being written. */
  mayTakeFocus: boolean;
  onRetry: (side: Side) => void;
  onNewPair: (() => void) | null;
};

/** What happened, what was kept, what to do. The words are the same for every model. */
export function FailedSide(props: FailedSideProps) {
  const { side, failure, text, otherName, canRetry, mayTakeFocus, onRetry, onNewPair } = props;
  const t = useTranslations();
  const { said, copy } = useCopy();
  const again = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const isTyping = isTextField(document.activeElement) && !mayTakeFocus;
    const isElsewhere = document.querySelector('[role="dialog"]') !== null;
    if (mayTakeFocus && !isTyping && !isElsewhere)
      again.current?.focus({ preventScroll: true, focusVisible: true });
  }, [mayTakeFocus]);

  return (
    <div className="max-w-[640px]">
      <InlineError
        icon={<TriangleAlert size={16} aria-hidden="true" />}
        title={t(`failure.${failure}.title`, { side: sideName(side) })}
        actions={
          <>
            {canRetry ? (
              <Button ref={again} variant="primary" aria-keyshortcuts="R" onClick={() => onRetry(side)}>
                <RotateCw size={16} aria-hidden="true" />
                {t("failure.again", { side: sideName(side) })}
                <Kbd className="max-sm:hidden">R</Kbd>
              </Button>
            ) : null}
            {onNewPair === null ? null : <Button onClick={onNewPair}>{t("failure.newPair")}</Button>}
            {text === "" ? null : (
              <Button variant="quiet" onClick={() => void copy(text)}>
                {said ?? t("failure.copyPart")}
              </Button>
            )}
          </>
        }
      >
        {joinSentences(
          t(`failure.${failure}.body`),
          t("failure.kept", { part: text === "" ? "no" : "yes", other: otherName }),
        )}
      </InlineError>
    </div>
  );
}
