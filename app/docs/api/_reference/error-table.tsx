import { getTranslations } from "next-intl/server";
import { AppError, errorTable, renderOpenAiError } from "@/lib/errors";

/** Codes that a program has to know, the most usual first. */
const codes = [
  "invalid_request",
  "invalid_json",
  "unsupported_parameter",
  "context_length_exceeded",
  "invalid_api_key",
  "model_not_found",
  "payload_too_large",
  "rate_limited",
  "upstream_failed",
  "no_worker_available",
  "upstream_timeout",
] as const;

export async function ErrorTable() {
  const t = await getTranslations("api.errorTable");
  const errors = await getTranslations("api.errorTable.codes");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section aria-label={t("label")} tabIndex={0} className="mt-3 overflow-x-auto">
      <table className="w-full text-left">
        <thead>
          <tr className="border-b border-line-2 text-small text-fg-3">
            <th scope="col" className="py-2 pr-4 text-right font-normal">
              {t("status")}
            </th>
            <th scope="col" className="py-2 pr-4 font-normal">
              {t("code")}
            </th>
            <th scope="col" className="py-2 pr-4 font-normal max-sm:hidden">
              {t("type")}
            </th>
            <th scope="col" className="py-2 font-normal">
              {t("meaning")}
            </th>
          </tr>
        </thead>
        <tbody>
          {codes.map((code) => {
            const told = renderOpenAiError(new AppError(code)).error;
            return (
              <tr key={code} className="border-b border-line align-baseline">
                <td className="number py-2 pr-4 text-right">{errorTable[code].status}</td>
                <td className="py-2 pr-4 font-mono text-code">{told.code}</td>
                <td className="py-2 pr-4 font-mono text-code text-fg-2 max-sm:hidden">
                  {code === "rate_limited" ? "requests, tokens" : told.type}
                </td>
                <td className="py-2 text-fg-2">{errors(code)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
