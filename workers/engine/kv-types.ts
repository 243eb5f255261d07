/** Types of a context's cached keys and values, from the most exact to the smallest. All but the first three are quantised. */
export const kvTypes = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] as const;
export type KvType = (typeof kvTypes)[number];

export function isKvType(text: string): text is KvType {
  return (kvTypes as readonly string[]).includes(text);
}
