import type { ChatParameters } from "@/lib/protocol";

export type NumberParameter = Exclude<keyof ChatParameters, "stop">;

export type ParameterSpec = {
  name: NumberParameter;
  min: number;
  max: number;
  step: number;
  digits: number;
  /** Scalars that are felt are slid; those that are known are typed. `max` of the slider where the field takes more. */
  sliderMax: number | null;
};

/** In the order of the drawer; ranges as in lib/protocol/chat.ts. */
export const parameterSpecs: readonly ParameterSpec[] = [
  { name: "temperature", min: 0, max: 2, step: 0.05, digits: 2, sliderMax: 2 },
  { name: "topP", min: 0, max: 1, step: 0.01, digits: 2, sliderMax: 1 },
  { name: "topK", min: 0, max: 1_000, step: 1, digits: 0, sliderMax: 100 },
  { name: "maxTokens", min: 1, max: 131_072, step: 1, digits: 0, sliderMax: null },
  { name: "presencePenalty", min: -2, max: 2, step: 0.05, digits: 2, sliderMax: null },
  { name: "frequencyPenalty", min: -2, max: 2, step: 0.05, digits: 2, sliderMax: null },
  { name: "seed", min: 0, max: 4_294_967_295, step: 1, digits: 0, sliderMax: null },
];

/** The typed text as a value; null where it is none or out of range. A true minus and a decimal comma are understood. */
export function parseParameter(text: string, { min, max, digits }: ParameterSpec): number | null {
  const plain = text.trim().replace("\u2212", "-").replace(",", ".");
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  if (value < min || value > max || (digits === 0 && !Number.isInteger(value))) return null;
  return value;
}

/** As it stands in a field: a fixed number of digits, never grouped, a true minus. */
export function showParameter(value: number, { digits }: ParameterSpec): string {
  const rounded = Number(value.toFixed(4));
  const needed = String(rounded).split(".")[1]?.length ?? 0;
  return rounded.toFixed(digits === 0 ? 0 : Math.max(digits, needed)).replace("-", "\u2212");
}

/** Parameters that differ from the model's own. */
export function changedCount(parameters: ChatParameters): number {
  return Object.values(parameters).filter((value) => value !== undefined).length;
}
