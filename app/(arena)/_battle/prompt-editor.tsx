"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { usePromptEditor } from "@/app/_hooks/use-prompt-editor";
import { Button } from "@/app/_ui/button";

type PromptEditorProps = {
  prompt: string;
  maxCharacters: number;
  onCancel: () => void;
  onResend: (prompt: string) => void;
};

/** The last prompt as a text field; sending it replaces the turn on both sides. */
export function PromptEditor({ prompt, maxCharacters, onCancel, onResend }: PromptEditorProps) {
  const t = useTranslations();
  const editor = usePromptEditor({ text: prompt, maxCharacters, onCancel, onSend: onResend });
  const { field, canSend, isTooLong, send } = editor;
  const excessId = useId();
  return (
    <form
      className="flex shrink-0 flex-wrap items-end gap-2 border-b border-line bg-surface px-4 py-2 sm:px-5 md:px-10"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        {...field}
        aria-label={t("arena.editLabel")}
        aria-invalid={isTooLong}
        aria-describedby={isTooLong ? excessId : undefined}
        className="max-h-[36dvh] min-w-0 flex-1 resize-none rounded-control border border-control bg-bg px-3 py-[5px] text-field outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad"
      />
      <Button variant="quiet" onClick={onCancel}>
        {t("common.cancel")}
      </Button>
      <Button type="submit" variant="primary" aria-disabled={!canSend}>
        {t("arena.resend")}
      </Button>
      {isTooLong ? (
        <p id={excessId} className="w-full text-small text-bad">
          {t("composer.tooLong", { count: field.value.length - maxCharacters, limit: maxCharacters })}
        </p>
      ) : null}
    </form>
  );
}
