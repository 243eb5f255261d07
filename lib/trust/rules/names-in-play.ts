import { families } from "./families";

export type ModelNames = { name: string; displayName: string; organization: string | null };

/** Names by which an answer of this battle could tell what wrote it. */
export type NamesInPlay = {
  /** Saying one is telling. */
  own: readonly string[];
  /** They tell only where an answer speaks of itself. */
  plain: readonly string[];
  /** Of each model, all of its names of both kinds. */
  groups: readonly (readonly string[])[];
};

/** The names of the two models, their organizations, and what their families go by. */
export function namesInPlay(models: readonly ModelNames[]): NamesInPlay {
  const each = models.map(namesOf);
  const own = new Set(each.flatMap((names) => names.own));
  const plain = new Set(each.flatMap((names) => names.plain));
  return {
    own: [...own],
    plain: [...plain].filter((word) => !own.has(word)),
    groups: each.map((names) => [...new Set([...names.own, ...names.plain])]),
  };
}

function namesOf({ name, displayName, organization }: ModelNames): Pick<NamesInPlay, "own" | "plain"> {
  const own = new Set<string>();
  const plain = new Set<string>();
  // Of `lab/model-7b:q8` what an answer would say is `model-7b`.
  const short = name.split("/").at(-1)?.split(":")[0] ?? name;
  for (const given of [name, short, displayName]) (isDistinct(given) ? own : plain).add(given);
  if (organization !== null) plain.add(organization);
  const known = `${short} ${displayName}`.toLowerCase();
  for (const family of families) {
    if (!family.marks.some((mark) => hasMark(known, mark))) continue;
    for (const word of family.own) own.add(word);
    for (const word of family.plain) plain.add(word);
  }
  return { own: toList(own), plain: toList(plain) };
}

/** Letters together with digits, as in `demo-13m`, are no word of any language. */
function isDistinct(name: string): boolean {
  return name.length >= 4 && /\p{L}/u.test(name) && /\d/.test(name);
}

/** At the beginning of a word: `phi-` is in `phi-4` and not in `delphi-4`. */
function hasMark(known: string, mark: string): boolean {
  const at = known.indexOf(mark);
  return at === 0 || (at > 0 && /[^a-z0-9]/.test(known[at - 1] ?? ""));
}

function toList(names: ReadonlySet<string>): string[] {
  return [...names].filter((name) => name.length >= 2);
}
