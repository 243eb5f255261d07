import { Template } from "@huggingface/jinja";
import { AppError } from "@/lib/errors";
import { argumentsValue, toolJson, withGenericTools } from "./generic-tools";
import type { ToolDefinition, Turn } from "./types";

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
  /** The template lays out tools itself, and in the one format that we can read back. */
  readonly #hasTools: boolean;

  /** Errors: those of the Jinja parser. */
  constructor(options: ChatTemplateOptions) {
    this.#options = options;
    this.#template = new Template(options.source);
    this.#controlPattern = controlPattern(options.controlTexts);
    this.#hasTools = /\btools\b/.test(options.source) && options.source.includes("<tool_call>");
  }

  /**
   * The prompt for `turns`, messages unmerged. A last message of the assistant is left open, so that the model
   * continues it. Errors: `invalid_request` with the template's own words, e.g. where it takes no system message.
   */
  render(turns: readonly Turn[], tools: readonly ToolDefinition[] = []): PromptPiece[] {
    const marks = unusedMarks(turns, tools);
    const protect = (text: string): string => this.#protect(text, marks);
    const laidOut = this.#hasTools ? turns : withGenericTools(turns, tools);
    const last = turns.at(-1);
    const prefill = last?.role === "assistant" && last.toolCalls === undefined ? last : null;
    const rendered = this.#run(
      (prefill === null ? laidOut : laidOut.slice(0, -1)).map((turn) => toMessage(turn, protect)),
      this.#hasTools && tools.length > 0 ? tools.map((tool) => protectAll(toolJson(tool), protect)) : null,
    );
    return splitAtMarks(rendered + (prefill === null ? "" : protect(prefill.content)), marks);
  }

  #run(messages: Record<string, unknown>[], tools: unknown[] | null): string {
    try {
      return this.#template.render({
        messages,
        add_generation_prompt: true,
        bos_token: this.#options.bosToken,
        eos_token: this.#options.eosToken,
        tools,
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

function toMessage(turn: Turn, protect: (text: string) => string): Record<string, unknown> {
  return {
    role: turn.role,
    content: protect(turn.content),
    ...(turn.name === undefined ? {} : { name: protect(turn.name) }),
    ...(turn.toolCallId === undefined ? {} : { tool_call_id: protect(turn.toolCallId) }),
    ...(turn.toolCalls === undefined
      ? {}
      : {
          tool_calls: turn.toolCalls.map(({ id, name, arguments: text }) => ({
            id: protect(id),
            type: "function",
            function: { name: protect(name), arguments: protectAll(argumentsValue(text), protect) },
          })),
        }),
  };
}

/** A JSON value with all its texts protected, keys too. */
function protectAll(value: unknown, protect: (text: string) => string): unknown {
  if (typeof value === "string") return protect(value);
  if (Array.isArray(value)) return value.map((item) => protectAll(item, protect));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [protect(key), protectAll(item, protect)]),
  );
}

/** Two characters that no message holds, from a private-use area (plane 15). */
function unusedMarks(turns: readonly Turn[], tools: readonly ToolDefinition[]): Marks {
  const texts = turns.flatMap(({ content, name, toolCallId, toolCalls }) => [
    content,
    name ?? "",
    toolCallId ?? "",
    // Parsed and written again, so that an escape in the text of the arguments counts as its character.
    ...(toolCalls ?? []).map((call) => JSON.stringify([call, argumentsValue(call.arguments)])),
  ]);
  if (tools.length > 0) texts.push(JSON.stringify(tools));
  const marks: string[] = [];
  for (let code = 0xf0000; marks.length < 2; code++) {
    const mark = String.fromCodePoint(code);
    if (!texts.some((text) => text.includes(mark))) marks.push(mark);
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
