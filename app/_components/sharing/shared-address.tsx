"use client";

import { Check, Copy, ExternalLink } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useRef, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { publicationApi } from "@/app/_data/publication-api";
import { useCopy } from "@/app/_hooks/use-copy";
import { useFocusSoon } from "@/app/_hooks/use-focus-soon";
import { Button, buttonClass } from "@/app/_ui/button";
import type { ShareView } from "@/lib/protocol";

type SharedAddressProps = {
  share: ShareView;
  onUnpublished: () => void;
  onFailed: (code: ApiErrorCode) => void;
};

/** The address of a published page, to be copied, opened and taken back. */
export function SharedAddress({ share, onUnpublished, onFailed }: SharedAddressProps) {
  const t = useTranslations();
  const { isCopied, said, copy } = useCopy();
  const [isLeaving, setIsLeaving] = useState(false);
  const copyButton = useRef<HTMLButtonElement>(null);
  const fieldId = useId();
  const address = `${window.location.origin}/s/${share.token}`;
  useFocusSoon(copyButton);

  async function unpublish() {
    setIsLeaving(true);
    try {
      await publicationApi.unpublish(share.token);
      onUnpublished();
    } catch (error) {
      onFailed(toApiError(error).code);
    }
  }

  return (
    <>
      <p className="text-fg-2">{t("share.isPublic")}</p>
      {share.hiddenFinds === 0 ? null : (
        <p className="text-hint text-fg-3">{t("share.hidden", { count: share.hiddenFinds })}</p>
      )}
      <div className="flex flex-wrap gap-2">
        <label htmlFor={fieldId} className="sr-only">
          {t("share.address")}
        </label>
        <input
          id={fieldId}
          readOnly
          value={address}
          onFocus={(event) => event.currentTarget.select()}
          className="h-9 min-w-0 flex-1 rounded-control border border-control bg-bg px-3 font-mono text-code max-sm:h-11"
        />
        <Button ref={copyButton} variant="primary" onClick={() => void copy(address)}>
          {isCopied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
          {said ?? t("common.copy")}
        </Button>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line pt-4">
        <Button
          variant="destructive"
          aria-disabled={isLeaving}
          onClick={() => !isLeaving && void unpublish()}
        >
          {t(isLeaving ? "share.unpublishing" : "share.unpublish")}
        </Button>
        <a href={`/s/${share.token}`} target="_blank" rel="noopener" className={buttonClass("quiet")}>
          <ExternalLink size={16} aria-hidden="true" />
          {t("share.open")}
        </a>
      </div>
    </>
  );
}
