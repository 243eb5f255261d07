import { useTranslations } from "next-intl";
import type { SharedChat } from "@/lib/protocol";
import { PublishedAnswer } from "./published-answer";

/** A conversation in one column, prompts at the right as on the chat page. */
export function PublishedChat({ chat }: { chat: SharedChat }) {
  const t = useTranslations("published");
  return (
    <div className="border-t border-line">
      <div className="mx-auto flex max-w-[768px] flex-col gap-6 px-4 pt-6 sm:px-6">
        {chat.messages.map((message, index) =>
          message.role === "user" ? (
            <article
              // biome-ignore lint/suspicious/noArrayIndexKey: a published chat never changes.
              key={index}
              aria-label={t("prompt")}
              className="max-w-[85%] self-end rounded-panel bg-muted px-4 py-2.5"
            >
              <p className="text-answer break-words whitespace-pre-wrap">{message.text}</p>
              {message.images === 0 ? null : (
                <p className="mt-1 text-hint text-fg-3">{t("images", { count: message.images })}</p>
              )}
            </article>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a published chat never changes.
            <article key={index} aria-label={message.model.displayName}>
              <h2 className="mb-1 text-hint font-medium text-fg-2">{message.model.displayName}</h2>
              <PublishedAnswer answer={message} />
            </article>
          ),
        )}
      </div>
    </div>
  );
}
