"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { publicationApi } from "@/app/_data/publication-api";
import { useCopy } from "@/app/_hooks/use-copy";
import { Button } from "@/app/_ui/button";
import { IconButton } from "@/app/_ui/icon-button";
import type { ShareView } from "@/lib/protocol";

/** Everything that the visitor has published at an address of its own, battles and chats, each with the way to take it back. */
export function SharedLinks({ version }: { version: number }) {
  const t = useTranslations();
  const [shares, setShares] = useState<readonly ShareView[] | null>(null);
  const [error, setError] = useState<ApiErrorCode | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version of the history fetches the list again.
  useEffect(() => {
    const abort = new AbortController();
    publicationApi.shares(abort.signal).then(
      (list) => {
        setError(null);
        setShares(list.shares);
      },
      (failure: unknown) => {
        if (!abort.signal.aborted) setError(toApiError(failure).code);
      },
    );
    return () => abort.abort();
  }, [version]);

  return (
    <section aria-labelledby="shared-links">
      <h2 id="shared-links" className="text-h2">
        {t("sharing.title")}
      </h2>
      <p className="mt-1.5 text-hint text-fg-2">{t("sharing.lead")}</p>
      {error === null ? null : (
        <p role="alert" className="mt-1.5 text-hint text-bad">
          {t("sharing.failed", { reason: t(`errors.${error}`) })}
        </p>
      )}
      {shares?.length === 0 ? <p className="mt-3 text-hint text-fg-3">{t("sharing.none")}</p> : null}
      {shares === null || shares.length === 0 ? null : (
        <ul className="mt-3 border-t border-line">
          {shares.map((share) => (
            <SharedLink
              key={share.token}
              share={share}
              onGone={() => setShares(shares.filter(({ token }) => token !== share.token))}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function SharedLink({ share, onGone }: { share: ShareView; onGone: () => void }) {
  const t = useTranslations();
  const { isCopied, said, copy } = useCopy();
  const [state, setState] = useState<"there" | "leaving" | ApiErrorCode>("there");

  async function unpublish() {
    setState("leaving");
    try {
      await publicationApi.unpublish(share.token);
      onGone();
    } catch (error) {
      setState(toApiError(error).code);
    }
  }

  return (
    <li className="border-b border-line py-2">
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <a
            href={`/s/${share.token}`}
            className="block truncate rounded-badge text-ui font-medium hover:underline"
          >
            {share.title || t(`sharing.${share.kind}`)}
          </a>
          <p className="text-small text-fg-3">{t(`sharing.${share.kind}`)}</p>
        </div>
        <IconButton
          label={said ?? t("sharing.copy")}
          onClick={() => void copy(`${window.location.origin}/s/${share.token}`)}
        >
          {isCopied ? <Check size={16} /> : <Copy size={16} />}
        </IconButton>
        <Button
          size="bar"
          aria-label={t("sharing.unpublishOf", { title: share.title })}
          aria-disabled={state === "leaving"}
          onClick={() => state !== "leaving" && void unpublish()}
        >
          {t(state === "leaving" ? "sharing.unpublishing" : "sharing.unpublish")}
        </Button>
      </div>
      {state === "there" || state === "leaving" ? null : (
        <p role="alert" className="mt-1 text-hint text-bad">
          {t("sharing.failedOne", { reason: t(`errors.${state}`) })}
        </p>
      )}
    </li>
  );
}
