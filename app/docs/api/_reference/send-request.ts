export type SentRequest = {
  verb: "get" | "post";
  /** Below `/v1`. */
  path: string;
  body: string | null;
  apiKey: string;
};

export type ReceivedHead = { status: number; requestId: string | null; elapsedMs: number };

/** Sends the request to this site's API. `onText` gets the whole text received so far, again with each piece. */
export async function sendRequest(
  { verb, path, body, apiKey }: SentRequest,
  signal: AbortSignal,
  onHead: (head: ReceivedHead) => void,
  onText: (text: string) => void,
): Promise<void> {
  const begun = performance.now();
  const response = await fetch(`/v1${path}`, {
    method: verb.toUpperCase(),
    headers: {
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...(apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body,
    signal,
  });
  onHead({
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    elapsedMs: Math.round(performance.now() - begun),
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    text += decoder.decode(part.value, { stream: true });
    onText(text);
  }
  onText(readable(text));
}

/** JSON with line breaks; anything else as it came. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A stream of events.
    return text;
  }
}
