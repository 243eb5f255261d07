"use client";

import { Ellipsis, PenLine, Pin, PinOff, Trash2 } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { isComposing } from "@/app/_hooks/use-keys";
import { ActionMenuButton } from "@/app/_ui/action-menu-button";
import { cn } from "@/app/_ui/cn";
import { type ConversationSummary, chatLimits } from "@/lib/protocol";

type ConversationRowProps = {
  conversation: ConversationSummary;
  isCurrent: boolean;
  onChosen: () => void;
  onPin: () => void;
  onRename: (title: string) => void;
  onDelete: () => void;
};

/** One conversation of the list: a link, and a menu that appears with the pointer or the focus. */
export function ConversationRow(props: ConversationRowProps) {
  const { conversation, isCurrent, onChosen, onPin, onRename, onDelete } = props;
  const t = useTranslations("chat.side");
  const [isRenaming, setIsRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const { id, title, isPinned } = conversation;

  function endRenaming(next: string | null) {
    setIsRenaming(false);
    if (next !== null && next.trim() !== "" && next.trim() !== title) onRename(next.trim());
    requestAnimationFrame(() => link.current?.focus());
  }

  if (isRenaming) {
    return (
      <li>
        <TitleField title={title} onEnd={endRenaming} />
      </li>
    );
  }
  return (
    <li
      className={cn(
        "group flex items-center rounded-control hover:bg-muted has-focus-visible:bg-muted",
        isCurrent && "bg-muted",
      )}
    >
      <Link
        ref={link}
        href={`/chat/${id}`}
        prefetch={false}
        aria-current={isCurrent ? "page" : undefined}
        onClick={onChosen}
        title={title}
        className={cn(
          "flex h-[34px] min-w-0 flex-1 items-center rounded-control pl-2.5 -outline-offset-2 max-sm:h-11",
          isCurrent ? "font-medium text-fg" : "text-fg-2",
        )}
      >
        <span className="truncate">{title}</span>
      </Link>
      {isPinned ? (
        <Pin size={14} aria-hidden="true" className="mx-1 shrink-0 text-fg-3 group-hover:hidden" />
      ) : null}
      <ActionMenuButton
        label={t("menu", { title })}
        className={cn(
          "flex size-8 shrink-0 items-center justify-center rounded-control text-fg-2 -outline-offset-2 hover:text-fg max-sm:size-11",
          "pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 pointer-fine:focus-visible:opacity-100 pointer-fine:aria-expanded:opacity-100",
          isCurrent && "pointer-fine:opacity-100",
          isPinned &&
            !isCurrent &&
            "pointer-fine:w-0 pointer-fine:group-hover:w-8 pointer-fine:focus-visible:w-8 pointer-fine:aria-expanded:w-8",
        )}
        actions={[
          {
            name: "pin",
            label: t(isPinned ? "unpin" : "pin"),
            icon: isPinned ? <PinOff size={16} /> : <Pin size={16} />,
            onChoose: onPin,
          },
          {
            name: "rename",
            label: t("rename"),
            icon: <PenLine size={16} />,
            onChoose: () => setIsRenaming(true),
          },
          {
            name: "delete",
            label: t("delete"),
            icon: <Trash2 size={16} />,
            isDestructive: true,
            onChoose: onDelete,
          },
        ]}
      >
        <Ellipsis size={16} aria-hidden="true" />
      </ActionMenuButton>
    </li>
  );
}

function TitleField({ title, onEnd }: { title: string; onEnd: (title: string | null) => void }) {
  const t = useTranslations("chat.side");
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(title);
  // Esc ends it, and the field that goes loses the focus: that must not save.
  const hasEnded = useRef(false);

  // The menu that has just closed gives the focus back to its button first.
  useEffect(() => {
    const frame = requestAnimationFrame(() => field.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);

  function end(next: string | null) {
    if (hasEnded.current) return;
    hasEnded.current = true;
    onEnd(next);
  }

  return (
    <input
      ref={field}
      type="text"
      value={draft}
      maxLength={chatLimits.maxTitleCharacters}
      aria-label={t("renameLabel")}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => end(draft)}
      onKeyDown={(event) => {
        if (isComposing(event.nativeEvent)) return;
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        end(event.key === "Enter" ? draft : null);
      }}
      className="h-[34px] w-full rounded-control border border-accent bg-bg px-2 text-ui outline-1 outline-accent max-sm:h-11 max-sm:text-field"
    />
  );
}
