"use client";

import { PenLine } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, useRef } from "react";
import { PromptImages } from "@/app/_components/images/prompt-images";
import { usePromptEditor } from "@/app/_hooks/use-prompt-editor";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import type { BranchPlace } from "@/lib/message-tree";
import type { UserMessage } from "@/lib/protocol";
import { BranchNav } from "./branch-nav";

type PromptMessageProps = {
  message: UserMessage;
  place: BranchPlace;
  isBusy: boolean;
  isEditing: boolean;
  maxCharacters: number;
  onEdit: (messageId: string | null) => void;
  onResend: (messageId: string, text: string) => void;
  onSelect: (messageId: string) => void;
};

/** What the visitor has asked, at the right; edited, it becomes a branch beside itself. */
export const PromptMessage = memo(function PromptMessage(props: PromptMessageProps) {
  const { message, place, isBusy, isEditing, maxCharacters, onEdit, onResend, onSelect } = props;
  const t = useTranslations("chat");
  const editButton = useRef<HTMLButtonElement>(null);
  if (isEditing) {
    return (
      <MessageEditor
        text={message.text}
        maxCharacters={maxCharacters}
        onCancel={() => {
          onEdit(null);
          requestAnimationFrame(() => editButton.current?.focus());
        }}
        onSend={(text) => onResend(message.id, text)}
      />
    );
  }
  const edit = (
    <IconButton
      ref={editButton}
      label={isBusy ? t("message.busy") : t("message.edit")}
      aria-disabled={isBusy}
      onClick={() => !isBusy && onEdit(message.id)}
      className={cn(
        place.count < 2 &&
          "pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100",
      )}
    >
      <PenLine size={16} />
    </IconButton>
  );
  return (
    <article aria-label={t("you")} className="group flex flex-col items-end">
      <PromptImages images={message.images} size="large" className="mb-2 justify-end" />
      <div className="flex max-w-full flex-row-reverse items-center gap-1">
        <p className="max-w-[560px] min-w-0 rounded-panel bg-muted px-3.5 py-2.5 text-answer [overflow-wrap:anywhere] whitespace-pre-wrap">
          {message.text}
        </p>
        {place.count < 2 ? edit : null}
      </div>
      {place.count < 2 ? null : (
        <div className="mt-0.5 flex items-center">
          <BranchNav place={place} isBusy={isBusy} onSelect={onSelect} />
          {edit}
        </div>
      )}
    </article>
  );
});

type MessageEditorProps = {
  text: string;
  maxCharacters: number;
  onCancel: () => void;
  onSend: (text: string) => void;
};

function MessageEditor({ text, maxCharacters, onCancel, onSend }: MessageEditorProps) {
  const t = useTranslations();
  const { field, canSend, isTooLong, send } = usePromptEditor({ text, maxCharacters, onCancel, onSend });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        {...field}
        aria-label={t("chat.message.editLabel")}
        aria-invalid={isTooLong}
        className="max-h-[50dvh] w-full resize-none rounded-panel border border-control bg-bg px-3.5 py-2.5 text-field outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad"
      />
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" variant="primary" aria-disabled={!canSend}>
          {t("chat.message.send")}
        </Button>
      </div>
    </form>
  );
}
