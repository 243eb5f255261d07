"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { publicationApi, type ShareTarget } from "@/app/_data/publication-api";
import { Button } from "@/app/_ui/button";
import { Dialog } from "@/app/_ui/dialog";
import { IconButton } from "@/app/_ui/icon-button";
import { type FoundDetails, foundDetailsSchema, type ShareRequest, type ShareView } from "@/lib/protocol";
import { FoundList } from "./found-list";
import { SharedAddress } from "./shared-address";

type ShareState =
  | { phase: "loading" | "private" | "publishing" | "unpublished" }
  | { phase: "asking"; found: FoundDetails }
  | { phase: "public"; share: ShareView }
  | { phase: "failed"; code: ApiErrorCode };

type ShareDialogProps = {
  target: ShareTarget;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
};

/**
 * Says what publishing means, shows what the screen for personal data finds before anything is published, and then the address
 * with the way to take it back.
 */
export function ShareDialog({ target, isOpen, onOpenChange }: ShareDialogProps) {
  const t = useTranslations();
  const [state, setState] = useState<ShareState>({ phase: "loading" });
  const kind = "battleId" in target ? "battle" : "chat";
  const id = "battleId" in target ? target.battleId : target.conversationId;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the id names the target, which is a new object each time.
  useEffect(() => {
    if (!isOpen) return;
    const abort = new AbortController();
    setState({ phase: "loading" });
    publicationApi.shares(abort.signal, target).then(
      ({ shares: [share] }) =>
        setState(share === undefined ? { phase: "private" } : { phase: "public", share }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ phase: "failed", code: toApiError(error).code });
      },
    );
    return () => abort.abort();
  }, [isOpen, id]);

  async function publish(finds?: ShareRequest["finds"]) {
    setState({ phase: "publishing" });
    try {
      setState({ phase: "public", share: await publicationApi.publish(target, finds) });
    } catch (error) {
      const failure = toApiError(error);
      const found = foundDetailsSchema.safeParse(failure.details);
      if (failure.code === "personal_data_found" && found.success) {
        setState({ phase: "asking", found: found.data });
      } else setState({ phase: "failed", code: failure.code });
    }
  }

  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t(`share.title.${kind}`)}
      close={
        <IconButton label={t("common.close")} keyHint="Esc">
          <X size={16} />
        </IconButton>
      }
    >
      <div className="flex flex-col gap-4 pb-1">
        {state.phase === "public" ? (
          <SharedAddress
            share={state.share}
            onUnpublished={() => setState({ phase: "unpublished" })}
            onFailed={(code) => setState({ phase: "failed", code })}
          />
        ) : null}
        {state.phase === "asking" ? (
          <FoundList found={state.found}>
            <Button onClick={() => void publish({ do: "keep", digest: state.found.digest })}>
              {t("share.keep")}
            </Button>
            <Button variant="primary" onClick={() => void publish({ do: "hide" })}>
              {t("share.hide")}
            </Button>
          </FoundList>
        ) : null}
        {state.phase === "private" || state.phase === "publishing" || state.phase === "loading" ? (
          <>
            <p className="text-fg-2">{t(`share.explain.${kind}`)}</p>
            <p className="text-hint text-fg-3">
              {t("share.screened")}{" "}
              <Link href="/privacy#sharing" className="underline underline-offset-2 hover:text-fg">
                {t("consent.more")}
              </Link>
            </p>
            <div className="flex justify-end">
              <Button
                variant="primary"
                aria-disabled={state.phase !== "private"}
                onClick={() => state.phase === "private" && void publish()}
              >
                {t(state.phase === "publishing" ? "share.publishing" : "share.publish")}
              </Button>
            </div>
          </>
        ) : null}
        {state.phase === "unpublished" ? (
          <>
            <p>{t("share.unpublished")}</p>
            <div className="flex justify-end gap-2">
              <Button onClick={() => setState({ phase: "private" })}>{t("share.anew")}</Button>
              <Button variant="primary" onClick={() => onOpenChange(false)}>
                {t("common.close")}
              </Button>
            </div>
          </>
        ) : null}
        {state.phase === "failed" ? (
          <>
            <p role="alert" className="text-bad">
              {t("share.failed", { reason: t(`errors.${state.code}`) })}
            </p>
            <div className="flex justify-end">
              <Button variant="primary" onClick={() => onOpenChange(false)}>
                {t("common.close")}
              </Button>
            </div>
          </>
        ) : null}
        <p role="status" className="sr-only">
          {state.phase === "public" ? t("share.isPublic") : null}
          {state.phase === "unpublished" ? t("share.unpublished") : null}
          {state.phase === "asking" ? t("share.found.title", { count: state.found.total }) : null}
        </p>
      </div>
    </Dialog>
  );
}
