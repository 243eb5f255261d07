import { chatParametersSchema, type ModelChangeRequest } from "@/lib/protocol";

/** The form's fields as they stand in their boxes. */
export type ModelDraft = {
  name: string;
  displayName: string;
  organization: string;
  licence: string;
  stage: "public" | "experimental" | "retired";
  maxConcurrent: string;
  tokensPerMinute: string;
  priority: string;
  priceInput: string;
  priceOutput: string;
  parameters: string;
  systemPrompt: string;
};

type Read =
  | { fault: null; change: ModelChangeRequest & { displayName: string } }
  | { fault: keyof ModelDraft; change: null };

/** An empty object shows as an empty box. */
export const parametersText = (parameters: object): string =>
  Object.keys(parameters).length === 0 ? "" : JSON.stringify(parameters, null, 2);

/** What the form asks for, or the first field that is not understood. The server checks the rest. */
export function readDraft(draft: ModelDraft): Read {
  const integers = {
    maxConcurrent: integerOf(draft.maxConcurrent),
    tokensPerMinute: integerOf(draft.tokensPerMinute),
    priority: integerOf(draft.priority),
    priceInput: integerOf(draft.priceInput),
    priceOutput: integerOf(draft.priceOutput),
  };
  for (const [field, value] of Object.entries(integers)) {
    if (value === undefined) return { fault: field as keyof typeof integers, change: null };
  }
  const defaultParameters = parametersOf(draft.parameters);
  if (defaultParameters === null) return { fault: "parameters", change: null };
  return {
    fault: null,
    change: {
      displayName: draft.displayName,
      organization: orNull(draft.organization),
      licence: orNull(draft.licence),
      stage: draft.stage,
      maxConcurrent: integers.maxConcurrent ?? null,
      tokensPerMinute: integers.tokensPerMinute ?? null,
      priority: integers.priority ?? 0,
      priceInputMicros: integers.priceInput ?? null,
      priceOutputMicros: integers.priceOutput ?? null,
      defaultParameters,
      systemPrompt: draft.systemPrompt,
    },
  };
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** Null: the box is empty; undefined: it holds no whole number. */
function integerOf(text: string): number | null | undefined {
  const plain = text.trim().replace("\u2212", "-");
  if (plain === "") return null;
  return /^-?\d{1,10}$/.test(plain) ? Number(plain) : undefined;
}

function parametersOf(text: string) {
  if (text.trim() === "") return {};
  try {
    const parsed = chatParametersSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
