import { AppError } from "@/lib/errors";

/** A GBNF grammar in the making. Source: llama.cpp, grammars/README.md. */
export class GrammarRules {
  readonly #rules = new Map<string, string>();
  #length = 0;
  #repetitions = 0;

  /** Registers `body` under a name of its own and returns the name. */
  add(body: string): string {
    const name = `r${this.#rules.size}`;
    this.set(name, body);
    return name;
  }

  /** A name for a rule that comes later, so that it can refer to itself. */
  reserve(): string {
    return this.add("");
  }

  /** Errors: `invalid_request` when the grammar grows out of bounds. */
  set(name: string, body: string): void {
    this.#rules.set(name, body);
    this.#length += body.length;
    if (this.#rules.size <= maxRules && this.#length <= maxLength) return;
    throw tooLarge();
  }

  /** Notes a repetition, which llama.cpp writes out in full. Errors: `invalid_request` when they are too many in all. */
  countRepetitions(times: number): void {
    this.#repetitions += times;
    if (this.#repetitions > maxRepetitions) throw tooLarge();
  }

  /** Registers a rule that every grammar may need, once. */
  shared(name: keyof typeof sharedRules): string {
    if (!this.#rules.has(name)) {
      this.set(name, sharedRules[name]);
      if (name === "value") for (const needed of ["string", "number", "ws"] as const) this.shared(needed);
      if (name === "object") for (const needed of ["value", "string", "ws"] as const) this.shared(needed);
    }
    return name;
  }

  text(root: string): string {
    return [`root ::= ${root}`, ...[...this.#rules].map(([name, body]) => `${name} ::= ${body}`)].join("\n");
  }
}

/** `text` as a GBNF literal. */
export function literal(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

const maxRules = 4000;
const maxLength = 256 * 1024;
const maxRepetitions = 20_000;

function tooLarge(): AppError {
  return new AppError("invalid_request", { message: "The schemas of this request are too large." });
}

/** Sixteen digits: more than a double holds, and no number without an end. */
const integer = '"-"? ("0" | [1-9] [0-9]{0,15})';

const sharedRules = {
  /** Bounded, so that a model cannot write space for ever. */
  ws: '(" " | "\\n" [ \\t]{0,20})?',
  /** No \u escapes: each character is one code point, which lengths count, and no half of a surrogate pair can arise. */
  char: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ["\\\\/bfnrt]',
  string: '"\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ["\\\\/bfnrt])* "\\""',
  integer,
  number: `${integer} ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?`,
  value:
    'object-any | "[" ws (value ("," ws value)*)? ws "]" | string | number | "true" | "false" | "null"\nobject-any ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? ws "}"',
  object: '"{" ws (string ":" ws value ("," ws string ":" ws value)*)? ws "}"',
} as const;
