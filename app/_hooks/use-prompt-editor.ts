"use client";

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useAutoHeight } from "./use-auto-height";
import { isComposing } from "./use-keys";

type PromptEditorOptions = {
  text: string;
  /** More cannot be sent. */
  maxCharacters?: number;
  onCancel: () => void;
  onSend: (text: string) => void;
};

/**
 * A sent prompt as a text field that grows with it: the caret at its end, Enter sends, Escape leaves everything as it was
 * and is nobody else's then.
 */
export function usePromptEditor({ text, maxCharacters = Infinity, onCancel, onSend }: PromptEditorOptions) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState(text);
  const isTooLong = draft.length > maxCharacters;
  const canSend = draft.trim() !== "" && !isTooLong;
  useAutoHeight(ref, draft);

  useEffect(() => {
    const element = ref.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const send = () => {
    if (canSend) onSend(draft);
  };
  return {
    isTooLong,
    canSend,
    send,
    /** For the `<textarea>`. */
    field: {
      ref,
      value: draft,
      rows: 1,
      onChange: (event: { target: { value: string } }) => setDraft(event.target.value),
      onKeyDown(event: KeyboardEvent) {
        if (isComposing(event.nativeEvent)) return;
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          onCancel();
        }
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        send();
      },
    },
  };
}
