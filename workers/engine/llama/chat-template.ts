import { Template } from "@huggingface/jinja";
import { AppError } from "@/lib/errors";
import type { Turn } from "../types";

/**
 * A part of a prompt. Control tokens are recognised in the template's own text only; text of a user that looks like
 * one ("<|im_end|>") is a part of its own that is tokenized as plain text.
 */
export type PromptPiece = { text: string; isPlain: boolean };

export type ChatTemplateOptions = {
  /** `tokenizer.chat_template` of the model file. */
  source: string;
  bosToken: string;
  eosToken: string;
  /** Texts of all control tokens. */
  controlTexts: readonly string[];
};

/** A model's own Jinja chat template, made safe against control tokens in messages. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #options: ChatTemplateOptions;
  readonly #controlPattern: RegExp | null;

  /** Errors: those of the Jinja parser. */
  constructor(options: ChatTemplateOptions) {
    this.#options = options;
    this.#template = new Template(options.source);
    this.#controlPattern = controlPattern(options.controlTexts);
  }

  /**
   * The prompt for `turns`, messages unmerged. A last message of the assistant is left open, so that the model
   * continues it. Errors: `invalid_request` with the template's own words, e.g. where it takes no system message.
   */
  render(turns: readonly Turn[]): PromptPiece[] {
    const marks = unusedMarks(turns);
    const protect = (text: string): string => this.#protect(text, marks);
    const last = turns.at(-1);
    const prefill = last?.role === "assistant" ? last : null;
    const rendered = this.#run(
      (prefill === null ? turns : turns.slice(0, -1)).map((turn) => ({
        role: turn.role,
        content: protect(turn.content),
        ...(turn.name === undefined ? {} : { name: protect(turn.name) }),
      })),
    );
    return splitAtMarks(rendered + (prefill === null ? "" : protect(prefill.content)), marks);
  }

  #run(messages: Record<string, unknown>[]): string {
    try {
      return this.#template.render({
        messages,
        add_generation_prompt: true,
        bos_token: this.#options.bosToken,
        eos_token: this.#options.eosToken,
        tools: null,
        documents: null,
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError("invalid_request", {
        message: `The model's chat template refuses these messages: ${reason}`,
        param: "messages",
        cause,
      });
    }
  }

  /** Puts marks around each text in `text` that looks like a control token, overlapping ones together. */
  #protect(text: string, [open, close]: Marks): string {
    const pattern = this.#controlPattern;
    if (pattern === null) return text;
    let protectedText = "";
    let copied = 0;
    let start = -1;
    let end = -1;
    const flush = (): void => {
      if (start === -1) return;
      protectedText += text.slice(copied, start) + open + text.slice(start, end) + close;
      copied = end;
    };
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      // One character on, not behind the match: the next one may overlap with it.
      pattern.lastIndex = match.index + 1;
      const matchEnd = match.index + match[0].length;
      if (match.index < end) {
        end = Math.max(end, matchEnd);
        continue;
      }
      flush();
      start = match.index;
      end = matchEnd;
    }
    flush();
    return protectedText + text.slice(copied);
  }
}

type Marks = readonly [open: string, close: string];

/** Two characters that no message holds, from a private-use area (plane 15). */
function unusedMarks(turns: readonly Turn[]): Marks {
  const marks: string[] = [];
  for (let code = 0xf0000; marks.length < 2; code++) {
    const mark = String.fromCodePoint(code);
    if (!turns.some((turn) => turn.content.includes(mark) || turn.name?.includes(mark) === true))
      marks.push(mark);
  }
  return [marks[0] ?? "", marks[1] ?? ""];
}

function splitAtMarks(rendered: string, [open, close]: Marks): PromptPiece[] {
  const pieces: PromptPiece[] = [];
  for (const [index, part] of rendered.split(open).entries()) {
    if (index === 0) {
      pieces.push({ text: part, isPlain: false });
      continue;
    }
    const closeAt = part.indexOf(close);
    const inside = closeAt === -1 ? part : part.slice(0, closeAt);
    pieces.push({ text: inside, isPlain: true });
    if (closeAt !== -1) pieces.push({ text: part.slice(closeAt + close.length), isPlain: false });
  }
  return pieces.filter((piece) => piece.text !== "");
}

function controlPattern(texts: readonly string[]): RegExp | null {
  const alternatives = [...new Set(texts)].filter((text) => text !== "");
  if (alternatives.length === 0) return null;
  // Longest first: of two that begin alike, the longer one must win.
  alternatives.sort((a, b) => b.length - a.length);
  return new RegExp(alternatives.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
}
