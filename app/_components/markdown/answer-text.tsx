"use client";

import { lazy, memo, Suspense } from "react";
import { importAgain } from "@/app/_data/import-again";

const importRichText = () => import("./rich-text");

/** While the renderer cannot be fetched the text stays plain; that must never take the page down, nor be for good. */
const RichText = lazy(() => importAgain(importRichText));

/** Fetches the renderer ahead of the first answer. What fails here is fetched again where it is needed. */
export function warmUpMarkdown(): void {
  void Promise.allSettled([importRichText()]);
}

type AnswerTextProps = { text: string; isWriting: boolean };

/** What a model has written. Plain text shows at once, Markdown as soon as its renderer has arrived. */
export const AnswerText = memo(function AnswerText({ text, isWriting }: AnswerTextProps) {
  if (text === "") return isWriting ? <div className="answer" data-writing data-empty /> : null;
  return (
    <div className="answer" data-writing={isWriting || undefined}>
      <Suspense fallback={<PlainText text={text} />}>
        <RichText text={text} isWriting={isWriting} />
      </Suspense>
    </div>
  );
});

function PlainText({ text }: { text: string }) {
  return (
    <div>
      <p className="whitespace-pre-wrap">{text}</p>
    </div>
  );
}
