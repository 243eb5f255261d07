import { createSseReader } from "./sse-reader";

export type AnswerReader = {
  push(bytes: Buffer): void;
  /** The whole text, or what was wrong with the answer. */
  end(): { error: string | null; text: string };
  firstTokenMs: number | null;
  gapsMs: number[];
  /** Pieces of text so far. */
  pieces: number;
};

/** Reads one answer as strictly as it can be read; `since` is the time from the request in milliseconds. */
export function answerReader(
  status: number,
  type: string,
  isStream: boolean,
  since: () => number,
): AnswerReader {
  if (status !== 200) return refusalReader(status, type);
  if (!isStream) return wholeReader(since);
  return type.startsWith("text/event-stream") ? streamReader(since) : refusalReader(status, type);
}

/** An answer that should not be: its beginning says why. */
function refusalReader(status: number, type: string): AnswerReader {
  const parts: Buffer[] = [];
  return {
    ...{ firstTokenMs: null, gapsMs: [], pieces: 0 },
    push: (bytes) => void parts.push(bytes),
    end() {
      const text = Buffer.concat(parts).toString("utf8").slice(0, 200);
      return { error: `status ${status}, ${type}: ${text}`, text: "" };
    },
  };
}

/** What is read of an answer, and below of a chunk; a schema for each of a million would make the load the bottleneck. */
type Whole = { choices?: { message?: { content?: unknown }; finish_reason?: unknown }[] };

const utf8 = new TextDecoder("utf-8", { fatal: true });

function wholeReader(since: () => number): AnswerReader {
  const parts: Buffer[] = [];
  const reader: AnswerReader = {
    ...{ firstTokenMs: null, gapsMs: [], pieces: 0 },
    push(bytes) {
      reader.firstTokenMs ??= since();
      reader.pieces += 1;
      parts.push(bytes);
    },
    end() {
      try {
        const [only] = parts;
        const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
        return wholeText(JSON.parse(utf8.decode(bytes)) as Whole | null);
      } catch (error) {
        return { error: `not an answer: ${String(error)}`, text: "" };
      }
    },
  };
  return reader;
}

function wholeText(answer: Whole | null): { error: string | null; text: string } {
  const choices = answer?.choices;
  if (!Array.isArray(choices) || choices.length !== 1)
    return { error: "not an answer: no choice, or several", text: "" };
  const text = choices[0]?.message?.content;
  if (typeof text !== "string") return { error: "not an answer: no text", text: "" };
  const isFinished = typeof choices[0]?.finish_reason === "string";
  return { error: isFinished ? null : "no finish_reason", text };
}

type Chunk = {
  error?: unknown;
  choices?: { delta?: { content?: unknown }; finish_reason?: unknown }[];
};

function streamReader(since: () => number): AnswerReader {
  const pieces: string[] = [];
  let fault: string | null = null;
  let isDone = false;
  let hasFinished = false;
  let at = 0;
  let previous = 0;
  const sse = createSseReader((data) => {
    if (isDone) {
      fault ??= "an event after [DONE]";
    } else if (data === "[DONE]") {
      isDone = true;
    } else {
      const chunk = parseChunk(data);
      if (chunk === null) fault ??= `an event is not JSON: ${data.slice(0, 80)}`;
      else if (chunk.error !== undefined) fault ??= `an error event: ${data.slice(0, 160)}`;
      else take(chunk);
    }
  });
  const take = (chunk: Chunk): void => {
    const choice = chunk.choices?.[0];
    if (typeof choice?.finish_reason === "string") hasFinished = true;
    const content = choice?.delta?.content;
    if (typeof content !== "string" || content === "") return;
    if (pieces.length === 0) reader.firstTokenMs = at;
    else reader.gapsMs.push(at - previous);
    previous = at;
    pieces.push(content);
    reader.pieces += 1;
  };
  const reader: AnswerReader = {
    ...{ firstTokenMs: null, gapsMs: [], pieces: 0 },
    push(bytes) {
      at = since();
      try {
        sse.push(bytes);
      } catch (error) {
        fault ??= `not UTF-8: ${String(error)}`;
      }
    },
    end() {
      try {
        if (sse.end()) fault ??= "the last event is not ended by a blank line";
      } catch (error) {
        fault ??= `not UTF-8: ${String(error)}`;
      }
      if (!isDone) fault ??= "no [DONE]";
      if (!hasFinished) fault ??= "no finish_reason";
      return { error: fault, text: pieces.join("") };
    },
  };
  return reader;
}

function parseChunk(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
