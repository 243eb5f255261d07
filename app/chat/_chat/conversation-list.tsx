"use client";

import { Search, SquarePen, X } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, type Ref, useEffect, useRef, useState } from "react";
import { useKeyName } from "@/app/_hooks/use-key-name";
import { Button } from "@/app/_ui/button";
import { IconButton } from "@/app/_ui/icon-button";
import { Kbd } from "@/app/_ui/kbd";
import type { ChatModel } from "@/lib/protocol";
import type { ChatSession } from "./chat-session";
import type { ConversationListState } from "./chat-state";
import { ConversationRow } from "./conversation-row";
import { type DateGroup, groupByDate } from "./group-by-date";
import { matchModels, withCurrent } from "./match-models";

type ConversationListProps = {
  list: ConversationListState;
  currentId: string | null;
  session: ChatSession;
  searchField: Ref<HTMLInputElement>;
  /** Stands beside New chat, where the list can be hidden. */
  hide?: ReactNode;
  onNewChat: () => void;
  /** A conversation was chosen: a sheet closes. */
  onChosen: () => void;
  onDelete: (id: string) => void;
  /** Found by the search, too; choosing one is for the next message. */
  models: readonly ChatModel[];
  onChooseModel: (name: string) => void;
};

const searchDelayMs = 200;

/** Conversations by the day of their last message, with a search over titles and messages. */
export function ConversationList(props: ConversationListProps) {
  const { list, currentId, session, searchField, hide, onNewChat, onChosen, onDelete } = props;
  const { models, onChooseModel } = props;
  const t = useTranslations("chat.side");
  const tNav = useTranslations("nav");
  const [query, setQuery] = useState(list.query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const locale = useLocale();
  const keyName = useKeyName();
  const foundModels = query.trim() === "" ? [] : matchModels(withCurrent(models, null), query, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  function search(next: string, delayMs = searchDelayMs) {
    setQuery(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void session.list.search(next.trim()), delayMs);
  }

  const titleOf = ({ name, month }: DateGroup) => {
    if (name !== "month" || month === null) return t(name as "today");
    const isThisYear = month.getFullYear() === new Date().getFullYear();
    return new Intl.DateTimeFormat(locale, {
      month: "long",
      year: isThisYear ? undefined : "numeric",
    }).format(month);
  };

  return (
    <>
      <div className="flex shrink-0 flex-col gap-2 px-3 pt-3 pb-1">
        <div className="flex items-center gap-1.5">
          <Button onClick={onNewChat} className="flex-1 max-sm:h-11">
            <SquarePen size={16} aria-hidden="true" />
            {tNav("newChat")}
          </Button>
          {hide}
        </div>
        <div className="flex h-9 items-center gap-2 rounded-control border border-control bg-bg px-2.5 focus-within:border-accent focus-within:outline-1 focus-within:outline-accent max-sm:h-11">
          <Search size={16} aria-hidden="true" className="shrink-0 text-fg-3" />
          <input
            ref={searchField}
            type="search"
            value={query}
            aria-label={t("searchAll")}
            placeholder={t("search")}
            onChange={(event) => search(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape" || query === "") return;
              event.preventDefault();
              event.stopPropagation();
              search("", 0);
            }}
            className="min-w-0 flex-1 bg-transparent text-ui outline-none max-sm:text-field [&::-webkit-search-cancel-button]:hidden"
          />
          {query === "" ? (
            <Kbd className="text-fg-3 max-md:hidden">{keyName("Ctrl K")}</Kbd>
          ) : (
            <IconButton label={t("clear")} onClick={() => search("", 0)} className="-mr-1.5 !size-6">
              <X size={14} />
            </IconButton>
          )}
        </div>
      </div>
      <p role="status" className="sr-only">
        {list.query !== "" && list.status === "ready" ? t("found", { count: list.conversations.length }) : ""}
      </p>
      <nav aria-label={t("label")} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-4">
        {list.status === "failed" ? (
          <div className="px-2.5 py-3 text-hint text-fg-2">
            <p>{t("failed")}</p>
            <Button size="bar" className="mt-2" onClick={() => void session.list.reload()}>
              {t("again")}
            </Button>
          </div>
        ) : null}
        {list.status === "ready" && list.conversations.length === 0 ? (
          <p className="px-2.5 py-3 text-hint text-fg-3">
            {list.query === "" ? t("empty") : t("noMatch", { query: list.query })}
          </p>
        ) : null}
        {groupByDate(list.conversations, new Date()).map((group) => (
          <section key={`${group.name}${group.month?.getTime() ?? ""}`}>
            <h2 className="px-2.5 pt-4 pb-1 text-small font-normal text-fg-3">{titleOf(group)}</h2>
            <ul>
              {group.conversations.map((conversation) => (
                <ConversationRow
                  key={conversation.id}
                  conversation={conversation}
                  isCurrent={conversation.id === currentId}
                  onChosen={onChosen}
                  onPin={() => void session.list.pin(conversation.id, !conversation.isPinned)}
                  onRename={(title) => void session.list.rename(conversation.id, title)}
                  onDelete={() => onDelete(conversation.id)}
                />
              ))}
            </ul>
          </section>
        ))}
        {foundModels.length === 0 ? null : (
          <section>
            <h2 className="px-2.5 pt-4 pb-1 text-small font-normal text-fg-3">{t("models")}</h2>
            <ul>
              {foundModels.map(({ name, displayName, organization }) => (
                <li key={name}>
                  <button
                    type="button"
                    onClick={() => {
                      search("", 0);
                      onChooseModel(name);
                      onChosen();
                    }}
                    className="flex h-[34px] w-full items-center gap-2 rounded-control px-2.5 text-left -outline-offset-2 hover:bg-muted max-sm:h-11"
                  >
                    <span className="truncate">{displayName}</span>
                    <span className="truncate text-fg-3">{organization}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {list.nextCursor === null ? null : (
          <Button variant="quiet" size="bar" className="mt-2 w-full" onClick={() => void session.list.more()}>
            {t("more")}
          </Button>
        )}
      </nav>
    </>
  );
}
