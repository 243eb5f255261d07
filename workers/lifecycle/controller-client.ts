import type { z } from "zod";
import { AppError, type ErrorCode, isErrorCode } from "@/lib/errors";
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
const leaveTimeoutMs = 2_000;

/**
 * The controller over HTTP. Errors: an {@link AppError} with the controller's own code, `upstream_failed` when it
 * cannot be reached or makes no sense, `upstream_timeout` when it does not answer in time.
 */
export function createControllerClient(controllerUrl: string, joinToken: string): ControllerClient {
  const address = (path: string): string => `${controllerUrl.replace(/\/+$/, "")}/api/workers${path}`;
  return {
    async register(request) {
      return understand(
        registerResponseSchema,
        await call("POST", address(""), joinToken, request, timeoutMs),
      );
    },
    async heartbeat(workerId, secret, report) {
      const path = `/${encodeURIComponent(workerId)}/heartbeat`;
      return understand(
        heartbeatResponseSchema,
        await call("POST", address(path), secret, report, timeoutMs),
      );
    },
    async leave(workerId, secret) {
      await call("DELETE", address(`/${encodeURIComponent(workerId)}`), secret, null, leaveTimeoutMs);
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
