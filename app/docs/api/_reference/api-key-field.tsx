"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { useApiKey } from "./api-key";
import { useBaseUrl } from "./base-url";

/** Address and key: what every request on the page is sent with. */
export function ApiKeyField() {
  const t = useTranslations("api");
  const id = useId();
  const [apiKey, setApiKey] = useApiKey();
  const baseUrl = useBaseUrl();
  return (
    <dl className="mt-6 grid gap-x-6 gap-y-4 border-y border-line py-4 sm:grid-cols-2">
      <div>
        <dt className="text-small text-fg-3">{t("baseUrl")}</dt>
        <dd className="mt-1.5 py-2 font-mono text-code break-all">{baseUrl}</dd>
      </div>
      <div>
        <dt className="text-small text-fg-3">
          <label htmlFor={id}>{t("key")}</label>
        </dt>
        <dd className="mt-1.5">
          <input
            id={id}
            type="password"
            value={apiKey}
            onChange={(event) => setApiKey(event.target.value.trim())}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-note`}
            className="h-9 w-full rounded-control border border-control bg-bg px-3 font-mono text-code max-sm:text-field"
          />
          <p id={`${id}-note`} className="mt-1.5 text-hint text-fg-3">
            {t("keyNote")}
          </p>
        </dd>
      </div>
    </dl>
  );
}
