import { z } from "zod";
import { AppError, type ErrorCode, isErrorCode, toAppError } from "@/lib/errors";
import {
  type HeartbeatRequest,
  type HeartbeatResponse,
  heartbeatResponseSchema,
  openAiErrorBodySchema,
  type RegisterRequest,
  type RegisterResponse,
  registerResponseSchema,
} from "@/lib/protocol";

export type ControllerClient = {
  register(request: RegisterRequest): Promise<RegisterResponse>;
  heartbeat(workerId: string, secret: string, report: HeartbeatRequest): Promise<HeartbeatResponse>;
  leave(workerId: string, secret: string): Promise<void>;
};

const timeoutMs = 10_000;
/** Where there is another server to go to: within a heartbeat interval the worker is heard of there. */
const shortTimeoutMs = 3_000;
const leaveTimeoutMs = 2_000;

/**
 * The controller over HTTP: any of the site's servers, which know of each other's workers. A server that cannot be reached, does
 * not answer in time or fails is left for the next one, which stays the one that is asked. Errors: an {@link AppError} with the
 * controller's own code; where all have failed, the last one's: `upstream_failed` when it cannot be reached or makes no sense,
 * `upstream_timeout` when it does not answer in time.
 */
export function createControllerClient(
  controllerUrls: readonly string[],
  joinToken: string,
): ControllerClient {
  const limitMs = controllerUrls.length > 1 ? shortTimeoutMs : timeoutMs;
  let current = 0;

  async function ask<T>(
    request: { method: string; path: string; token: string; body: unknown; limitMs: number },
    schema: z.ZodType<T>,
  ): Promise<T> {
    for (let tried = 1; ; tried++) {
      const url = `${controllerUrls[current]?.replace(/\/+$/, "")}/api/workers${request.path}`;
      try {
        const { method, token, body, limitMs } = request;
        return understand(schema, await call(method, url, token, body, limitMs));
      } catch (error) {
        // A server that refuses has understood: the others would say the same.
        if (toAppError(error).status < 500) throw error;
        current = (current + 1) % controllerUrls.length;
        if (tried >= controllerUrls.length) throw error;
      }
    }
  }

  return {
    register(body) {
      return ask({ method: "POST", path: "", token: joinToken, body, limitMs }, registerResponseSchema);
    },
    heartbeat(workerId, token, body) {
      const path = `/${encodeURIComponent(workerId)}/heartbeat`;
      return ask({ method: "POST", path, token, body, limitMs }, heartbeatResponseSchema);
    },
    async leave(workerId, token) {
      const path = `/${encodeURIComponent(workerId)}`;
      await ask({ method: "DELETE", path, token, body: null, limitMs: leaveTimeoutMs }, z.unknown());
    },
  };
}

function understand<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new AppError("upstream_failed", {
    message: "The controller's answer is not understood.",
    cause: result.error,
  });
}

async function call(
  method: string,
  url: string,
  token: string,
  body: unknown,
  limitMs: number,
): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method,
      // A redirect could carry the token to another host.
      redirect: "error",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    const isTimeout = cause instanceof Error && cause.name === "TimeoutError";
    throw new AppError(isTimeout ? "upstream_timeout" : "upstream_failed", {
      message: isTimeout ? "The controller did not answer in time." : "The controller cannot be reached.",
      cause,
    });
  }
  const json = parseJson(text);
  if (status >= 200 && status < 300) return json;
  throw new AppError(codeOf(status, json), { message: messageOf(status, json) });
}

function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("upstream_failed", { message: "The controller's answer is not JSON.", cause });
  }
}

function codeOf(status: number, json: unknown): ErrorCode {
  const code = openAiErrorBodySchema.safeParse(json).data?.error.code;
  if (isErrorCode(code)) return code;
  // Without a code of ours, the status says it; a heartbeat that is not let in means that the secret is no longer known.
  if (status === 401) return "invalid_worker_secret";
  return status === 410 ? "worker_unknown" : "upstream_failed";
}

function messageOf(status: number, json: unknown): string {
  const message = openAiErrorBodySchema.safeParse(json).data?.error.message;
  return message ?? `The controller answered with status ${status}.`;
}
