import { getTranslations } from "next-intl/server";
import type { Field } from "./fields-of";
import { InlineCode } from "./inline-code";

/** Fields of a request, one below the other; what is inside an object is indented. */
export async function FieldList({ fields }: { fields: readonly Field[] }) {
  const t = await getTranslations("api");
  return (
    <ul>
      {fields.map((field) => (
        <li key={field.name} className="border-t border-line py-2 first:border-t-0">
          <p className="flex flex-wrap items-baseline gap-x-2.5">
            <code className="font-mono text-code font-medium">{field.name}</code>
            <span className="text-hint text-fg-3">{field.type}</span>
            {field.isRequired ? <span className="text-hint text-fg-2">{t("required")}</span> : null}
          </p>
          {field.description === null ? null : (
            <p lang="en" className="mt-0.5 text-hint text-fg-2">
              <InlineCode text={field.description} />
            </p>
          )}
          {field.fields.length === 0 ? null : (
            <div className="mt-2 border-l border-line pl-4">
              <FieldList fields={field.fields} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
