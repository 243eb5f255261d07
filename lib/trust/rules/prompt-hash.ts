import { createHmac } from "node:crypto";

/**
 * Equal for prompts that differ in case, blanks, punctuation, invisible characters and compatibility forms only; tells
 * nothing about them without the key. Null where nothing is left (a prompt of signs alone).
 */
export function hashPrompts(prompts: readonly string[], key: Buffer): Buffer | null {
  const normalized = prompts.map(normalizePrompt);
  if (normalized.every((prompt) => prompt === "")) return null;
  return createHmac("sha256", key).update(JSON.stringify(normalized)).digest();
}

export function normalizePrompt(prompt: string): string {
  return prompt
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Cf}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
