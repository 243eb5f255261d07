/**
 * Any of these names, with borders of its own script: in Japanese and Chinese a Latin name touches the words around it. With
 * an open end a version may follow (DeepSeek-V3); with a closed one `demo-1m` is not in `demo-1m-chat`.
 */
export function namesPattern(names: readonly string[], end: "open" | "closed" = "open"): RegExp {
  const byScript: Record<string, string[]> = {};
  for (const name of [...new Set(names)].sort((x, y) => y.length - x.length)) {
    const script = /\p{Script=Cyrillic}/u.test(name)
      ? "Cyrillic"
      : /\p{Script=Latin}|\d/u.test(name)
        ? "Latin"
        : "other";
    byScript[script] = [...(byScript[script] ?? []), bodyOf(name)];
  }
  const parts = Object.entries(byScript).map(([script, bodies]) => {
    const any = `(?:${bodies.join("|")})`;
    if (script === "other") return any;
    const letter = `\\p{Script=${script}}`;
    // Russian declines names: Яндексом.
    const ending = script === "Cyrillic" ? `${letter}{0,3}` : "";
    const border = `(?<![${letter}\\p{N}])${any}${ending}(?![${letter}\\p{N}])`;
    return end === "open" ? border : `${border}(?![-_][${letter}\\p{N}])`;
  });
  // Without any name nothing matches.
  return new RegExp(parts.length === 0 ? "(?!)" : parts.join("|"), "iu");
}

function bodyOf(name: string): string {
  return name
    .normalize("NFKC")
    .split(/[\s_-]+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s_-]?");
}
