"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { type ApiError, toApiError } from "@/app/_data/api-error";

type FormState = { phase: "idle" | "sending" | "done"; error: ApiError | null };

/** Sends a form once at a time, and keeps what came of it. `send` gets what the fields hold. */
export function useForm(send: (fields: Record<string, string>) => Promise<void>) {
  const [state, setState] = useState<FormState>({ phase: "idle", error: null });

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (state.phase === "sending") return;
    const entries = [...new FormData(event.currentTarget)];
    const fields = entries.map(([name, value]) => [name, typeof value === "string" ? value : ""]);
    setState({ phase: "sending", error: null });
    try {
      await send(Object.fromEntries(fields));
      setState({ phase: "done", error: null });
    } catch (error) {
      setState({ phase: "idle", error: toApiError(error) });
    }
  }

  return { ...state, isSending: state.phase === "sending", isDone: state.phase === "done", submit };
}

/** In words; a limit says for how long it holds. */
export function useErrorText(): (error: ApiError | null) => string | null {
  const t = useTranslations();
  return (error) => {
    if (error === null) return null;
    const { retryAfterSeconds } = error.details;
    if (error.code === "rate_limited" && typeof retryAfterSeconds === "number") {
      return t("signIn.tooMany", { minutes: Math.ceil(retryAfterSeconds / 60) });
    }
    return t(`errors.${error.code}`);
  };
}
