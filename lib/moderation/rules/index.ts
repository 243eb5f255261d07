import type { ModerationCategory } from "@/lib/protocol";
import type { Moderator } from "../types";
import { normalize } from "./normalize";
import { rules, rulesVersion } from "./rules";

/** The rules that need no network: always there, always first. */
export const builtInRules: Moderator = {
  name: "rules",
  version: rulesVersion,
  takesImages: false,
  maxCharacters: null,
  async assess(content) {
    const found = new Map<ModerationCategory, number>();
    if (content.kind !== "text") return found;
    const plain = normalize(content.text);
    for (const { category, score, patterns, unless } of rules) {
      if (!patterns.some((pattern) => pattern.test(plain))) continue;
      if (!unless.some((pattern) => pattern.test(plain))) found.set(category, score);
    }
    return found;
  },
};
