import type { ThemeRegistrationAny } from "streamdown";

/** Keywords, strings and comments are coloured, nothing else; the colours are the page's own tokens, so one theme serves light and dark. */
export const codeTheme = {
  name: "arena",
  type: "light",
  colors: { "editor.foreground": "var(--fg)", "editor.background": "transparent" },
  fg: "var(--fg)",
  bg: "transparent",
  settings: [
    { settings: { foreground: "var(--fg)" } },
    {
      scope: ["comment", "punctuation.definition.comment", "string.quoted.docstring"],
      settings: { foreground: "var(--fg-3)" },
    },
    {
      scope: ["string", "punctuation.definition.string", "constant.character.escape", "string.regexp"],
      settings: { foreground: "var(--ok)" },
    },
    { scope: ["punctuation.definition.comment", "comment string"], settings: { foreground: "var(--fg-3)" } },
    {
      scope: ["keyword", "storage", "constant.language", "variable.language.this", "entity.name.tag"],
      settings: { foreground: "var(--accent)" },
    },
    {
      scope: ["keyword.operator", "storage.type.function.arrow", "punctuation"],
      settings: { foreground: "var(--fg)" },
    },
    {
      scope: [
        "keyword.operator.logical.python",
        "keyword.operator.expression",
        "keyword.operator.new",
        "keyword.operator.word",
      ],
      settings: { foreground: "var(--accent)" },
    },
  ],
} satisfies ThemeRegistrationAny;
