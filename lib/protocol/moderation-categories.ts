/** What a moderator can find in a text. `other`: a category of an outside moderator that has no name here. */
export const moderationCategories = [
  "self_harm",
  "sexual_minors",
  "sexual",
  "threat",
  "violence",
  "hate",
  "harassment",
  "doxxing",
  "illicit",
  "other",
] as const;
export type ModerationCategory = (typeof moderationCategories)[number];
