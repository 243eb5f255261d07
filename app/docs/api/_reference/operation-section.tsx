import { ChevronRight } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/app/_ui/badge";
import {
  codeExamples,
  type ExampleLanguage,
  exampleLanguages,
  type JsonSchema,
  type OpenApiOperation,
} from "@/lib/openai-schema";
import { ExampleTabs } from "./example-tabs";
import { FieldList } from "./field-list";
import { fieldsOf } from "./fields-of";
import { TryIt } from "./try-it";

export type OperationSectionProps = {
  verb: "get" | "post";
  path: string;
  operation: OpenApiOperation;
  /** Of the request's body; null: a request without one. */
  request: JsonSchema | null;
};

/** Stands for the API's address until the browser knows it. */
const placeholder = "https://arena.invalid/v1";

const labels: Record<ExampleLanguage, string> = { curl: "curl", python: "Python", typescript: "TypeScript" };

export async function OperationSection({ verb, path, operation, request }: OperationSectionProps) {
  const t = await getTranslations("api");
  const summary = await getTranslations("api.operations");
  const example = operation.requestBody?.content["application/json"].example ?? null;
  const code = codeExamples({ verb, path, body: example }, placeholder);
  // What stands for a name in a path cannot be tried as it is.
  const isTryable = operation.parameters === undefined;
  return (
    <section
      id={operation.operationId}
      aria-labelledby={`${operation.operationId}-title`}
      className="scroll-mt-18 border-t border-line pt-8 pb-10"
    >
      <h2 id={`${operation.operationId}-title`} className="text-h2">
        {summary(operation.operationId)}
      </h2>
      <p className="mt-1.5 flex flex-wrap items-center gap-2.5">
        <Badge>{verb.toUpperCase()}</Badge>
        <code className="font-mono text-code break-all">/v1{path}</code>
      </p>
      <div className="mt-5 grid items-start gap-x-8 gap-y-6 lg:grid-cols-2">
        {isTryable ? (
          <div className="min-w-0 lg:sticky lg:top-18 lg:col-start-2 lg:row-start-1">
            <ExampleTabs
              placeholder={placeholder}
              examples={exampleLanguages.map((language) => ({
                language,
                label: labels[language],
                code: code[language],
              }))}
            />
            <details className="group mt-3 rounded-panel border border-line-2">
              <summary className="flex h-11 list-none items-center gap-2 px-3 font-medium [&::-webkit-details-marker]:hidden">
                <ChevronRight size={16} aria-hidden className="text-fg-2 group-open:rotate-90" />
                {t("try.title")}
              </summary>
              <div className="border-t border-line p-3">
                <TryIt
                  verb={verb}
                  path={path}
                  example={example === null ? null : JSON.stringify(example, null, 2)}
                />
              </div>
            </details>
          </div>
        ) : null}
        <div className="min-w-0 lg:col-start-1 lg:row-start-1">
          {request === null ? (
            <p className="text-fg-2">{t("noBody")}</p>
          ) : (
            <>
              <h3 className="text-small text-fg-3">{t("fields")}</h3>
              <div className="mt-1">
                <FieldList fields={fieldsOf(request)} />
              </div>
            </>
          )}
        </div>
      </div>
    </section>
  );
}
