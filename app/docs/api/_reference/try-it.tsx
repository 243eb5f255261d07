"use client";

import { Play, Square, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import { useApiKey } from "./api-key";
import { type ReceivedHead, type SentRequest, sendRequest } from "./send-request";

type TryItProps = Pick<SentRequest, "verb" | "path"> & {
  /** What the field holds at first; null: a request without a body. */
  example: string | null;
};

type Outcome =
  | { kind: "none" }
  | { kind: "running" | "done" | "stopped"; head: ReceivedHead | null; text: string }
  | { kind: "failed" };

const errorStatus = 400;

/** One request that can be changed and sent; the answer appears as it comes. */
export function TryIt({ verb, path, example }: TryItProps) {
  const t = useTranslations("api.try");
  const bodyId = useId();
  const [apiKey] = useApiKey();
  const [body, setBody] = useState(example ?? "");
  const [outcome, setOutcome] = useState<Outcome>({ kind: "none" });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const send = async (): Promise<void> => {
    const abort = new AbortController();
    running.current = abort;
    let head: ReceivedHead | null = null;
    let text = "";
    setOutcome({ kind: "running", head, text });
    try {
      await sendRequest(
        { verb, path, body: example === null ? null : body, apiKey },
        abort.signal,
        (received) => {
          head = received;
          setOutcome({ kind: "running", head, text });
        },
        (received) => {
          text = received;
          setOutcome({ kind: "running", head, text });
        },
      );
      setOutcome({ kind: "done", head, text });
    } catch {
      // A browser does not tell why a request failed; an abort was asked for.
      setOutcome(abort.signal.aborted ? { kind: "stopped", head, text } : { kind: "failed" });
    }
  };

  const isRunning = outcome.kind === "running";
  return (
    <div>
      {example === null ? null : (
        <>
          <label htmlFor={bodyId} className="text-small text-fg-3">
            {t("body")}
          </label>
          <textarea
            id={bodyId}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            rows={Math.min(16, body.split("\n").length + 1)}
            spellCheck={false}
            autoCapitalize="off"
            className="mt-1.5 block w-full resize-y rounded-control border border-control bg-bg px-3 py-2 font-mono text-code max-sm:text-field"
          />
        </>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {isRunning ? (
          <Button onClick={() => running.current?.abort()}>
            <Square size={16} aria-hidden />
            {t("stop")}
          </Button>
        ) : (
          <Button onClick={() => void send()}>
            <Play size={16} aria-hidden />
            {t("send")}
          </Button>
        )}
        <p role="status" className="number text-hint text-fg-2">
          <OutcomeLine outcome={outcome} />
        </p>
      </div>
      {outcome.kind === "failed" ? (
        <div className="mt-3">
          <InlineError icon={<TriangleAlert size={16} aria-hidden />} title={t("failedTitle")}>
            {t("failedBody")}
          </InlineError>
        </div>
      ) : null}
      {"text" in outcome && outcome.text !== "" ? (
        <section
          aria-label={t("answer")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
          tabIndex={0}
          className="mt-3 max-h-96 overflow-auto rounded-panel border border-line-2 bg-surface"
        >
          <pre className="p-3 font-mono text-code whitespace-pre-wrap">{outcome.text}</pre>
        </section>
      ) : null}
    </div>
  );
}

function OutcomeLine({ outcome }: { outcome: Outcome }) {
  const t = useTranslations("api.try");
  if (outcome.kind === "none" || outcome.kind === "failed") return null;
  if (outcome.head === null) return outcome.kind === "stopped" ? t("stopped") : t("waiting");
  const { status, elapsedMs } = outcome.head;
  const line =
    status >= errorStatus ? t("refused", { status, elapsedMs }) : t("answered", { status, elapsedMs });
  return outcome.kind === "stopped" ? `${line} ${t("stopped")}` : line;
}
