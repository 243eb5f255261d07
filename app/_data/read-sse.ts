import { type EventSourceMessage, EventSourceParserStream } from "eventsource-parser/stream";

/** Nothing for this long, not even a comment, means that the connection is dead though nobody has said so. */
const silenceMs = 45_000;

/**
 * The frames of one event stream until it ends, or until it has been silent for {@link silenceMs}. Errors: whatever the
 * connection fails with. Leaving the loop closes the connection.
 */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  let lastByteAt = performance.now();
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      lastByteAt = performance.now();
      controller.enqueue(chunk);
    },
  });
  const reader = body
    .pipeThrough(watched)
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  const watchdog = setInterval(() => {
    if (performance.now() - lastByteAt > silenceMs) void reader.cancel();
  }, 5_000);
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    clearInterval(watchdog);
    // Cancelling a stream that has failed rejects with that same failure, which the loop has already thrown.
    await reader.cancel().catch(() => undefined);
  }
}
