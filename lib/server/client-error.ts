import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { AppError, renderOpenAiError } from "@/lib/errors";
import { dataHeaders } from "./security-headers";

/** Node's own words for what it finds before there is a request that could be routed. */
const faults: Readonly<Record<string, () => AppError>> = {
  HPE_HEADER_OVERFLOW: () => new AppError("headers_too_large"),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => new AppError("payload_too_large"),
  ERR_HTTP_REQUEST_TIMEOUT: () => new AppError("request_timeout"),
};

/** What a client that is still sending may take to read the answer; to close at once would reset the connection under it. */
const lingerMs = 1_000;

/**
 * For the server's `clientError`: what is wrong below the router is answered in OpenAI's shape too, whatever the path, which
 * is not always known here. The connection ends with it. Source: Node's documentation of `http.Server`, "Event: 'clientError'".
 */
export function answerClientErrors(
  logger: Pick<Logger, "debug">,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    // What still comes in after the answer is wrong as well.
    if (answered.has(socket)) return;
    if (error.code === "ECONNRESET" || !socket.writable || hasBegunAnAnswer(socket)) {
      socket.destroy(error);
      return;
    }
    answered.add(socket);
    const fault =
      faults[error.code ?? ""]?.() ??
      new AppError("invalid_request", { message: "The request is not valid HTTP." });
    const { status, headers, body } = bareAnswer(fault);
    logger.debug({ code: error.code, requestId: headers["x-request-id"] }, "a request could not be read");
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
    const linger = setTimeout(() => socket.destroy(), lingerMs);
    linger.unref();
    socket.once("close", () => clearTimeout(linger));
  };
}

/** An answer in OpenAI's shape for a connection that ends with it. */
export function bareAnswer(error: AppError): {
  status: number;
  headers: Record<string, string>;
  body: string;
} {
  const body = JSON.stringify(renderOpenAiError(error));
  return {
    status: error.status,
    headers: {
      ...dataHeaders,
      "x-request-id": randomUUID(),
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      connection: "close",
    },
    body,
  };
}

/** Bytes of another answer are on their way, and nothing may be put between them. Node keeps it under this name alone. */
function hasBegunAnAnswer(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return answer?.headersSent === true;
}
