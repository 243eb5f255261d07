import { getTranslations } from "next-intl/server";
import { type JsonSchema, openApiDocument } from "@/lib/openai-schema";
import { ApiKeyField } from "./api-key-field";
import { ErrorTable } from "./error-table";
import { OperationSection, type OperationSectionProps } from "./operation-section";

const document = openApiDocument();

/** One entry for each operation of the document, in its order. */
const operations: OperationSectionProps[] = Object.entries(document.paths).flatMap(([path, verbs]) =>
  (["get", "post"] as const).flatMap((verb) => {
    const operation = verbs[verb];
    return operation === undefined ? [] : [{ verb, path, operation, request: requestOf(operation) }];
  }),
);

function requestOf({ requestBody }: OperationSectionProps["operation"]): JsonSchema | null {
  const name = requestBody?.content["application/json"].schema.$ref?.split("/").at(-1);
  return name === undefined ? null : (document.components.schemas[name] ?? null);
}

/** What `/v1` takes and gives, made from the document that `/v1/openapi.json` holds. */
export async function ReferencePage() {
  const t = await getTranslations("api");
  const summary = await getTranslations("api.operations");
  return (
    <div className="mx-auto flex w-full max-w-[1440px] gap-10 px-4 pt-4 pb-10 sm:px-6 sm:pt-6">
      <nav aria-label={t("sections")} className="sticky top-18 hidden w-48 shrink-0 self-start md:block">
        <ul className="text-hint">
          {operations.map(({ operation }) => (
            <li key={operation.operationId}>
              <a
                href={`#${operation.operationId}`}
                className="block rounded-control py-1.5 text-fg-2 hover:text-fg"
              >
                {summary(operation.operationId)}
              </a>
            </li>
          ))}
          <li>
            <a href="#errors" className="block rounded-control py-1.5 text-fg-2 hover:text-fg">
              {t("errorTable.title")}
            </a>
          </li>
        </ul>
      </nav>
      <main id="main" className="min-w-0 flex-1">
        <h1 className="text-h1 max-sm:sr-only">{t("title")}</h1>
        <p className="max-w-160 text-fg-2 sm:mt-1">{t("lead")}</p>
        <p className="mt-2 max-w-160 text-fg-2">
          {t.rich("document", {
            link: (chunks) => (
              <a
                href="/v1/openapi.json"
                className="underline decoration-line-2 underline-offset-3 hover:text-fg"
              >
                {chunks}
              </a>
            ),
          })}
        </p>
        <ApiKeyField />
        <div className="mt-8">
          {operations.map((props) => (
            <OperationSection key={props.operation.operationId} {...props} />
          ))}
        </div>
        <section
          id="errors"
          aria-labelledby="errors-title"
          className="scroll-mt-18 border-t border-line pt-8"
        >
          <h2 id="errors-title" className="text-h2">
            {t("errorTable.title")}
          </h2>
          <p className="mt-1.5 max-w-160 text-fg-2">{t("errorTable.lead")}</p>
          <ErrorTable />
        </section>
      </main>
    </div>
  );
}
