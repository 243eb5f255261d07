import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiEndpoint, RequestAccounting } from "@/lib/accounts";
import type { CancelSignal, Controller, DispatchResponse } from "@/lib/controller";
import { AppError, isAppError } from "@/lib/errors";
import { atEndOfTurn, toHttpError } from "@/lib/http";
import type { Capability } from "@/lib/protocol";
import type { RequestTracer } from "@/lib/tracing";
import { connectionSignal } from "./client-gone";
import { replyWithOpenAiError } from "./errors";
import type { TokenCounts } from "./find-usage";
import type { OpenAiMetrics } from "./metrics";
import { collect, type EventFilter, relayEvents } from "./relay";
import { type OpenAiLogger, RequestRecord } from "./request-record";
import type { RequireCapability } from "./require-capability";
import type { RunningAnswer, RunningAnswers } from "./running-answers";

export type EndpointDeps = {
  controller: Pick<Controller, "dispatch">;
  accounting: RequestAccounting;
  requireCapability: RequireCapability;
  running: RunningAnswers;
  logger: OpenAiLogger;
  metrics: OpenAiMetrics;
  /** How long a client may leave a stream unread. */
  stallMs: number;
  /** Null: nothing is traced. */
  tracer: RequestTracer | null;
};

/** What a stream's filter knows of the tokens that went by. */
export type CountingFilter = EventFilter & {
  /** Null before the worker has told them. */
  readonly counts: TokenCounts | null;
  /** Frames that went by, the first of which only names the role. */
  readonly frames: number;
  /** The worker itself has told of a failure in the middle. */
  readonly hasFailed: boolean;
};

/** One request, understood: what goes to a worker, and what becomes of its answer. */
export type Plan = {
  model: string;
  /** Path on the worker. */
  path: string;
  /** What goes to the worker: the client's own bytes where nothing has to be translated. */
  body: Buffer | string;
  /** The answer comes as events. */
  isStream: boolean;
  /** What the model must be able to do; null: nothing in particular. */
  capability: Capability | null;
  /** The same for the turns of one conversation; see `conversationKey`. */
  affinityKey?: string | undefined;
  /** Most tokens that the answer may have, over all its choices. */
  maxAnswerTokens: number;
  filter(): CountingFilter;
  /** A whole answer of the worker, and what it has cost. */
  whole(answer: Buffer): { body: Buffer | string; counts: TokenCounts | null };
  /** A worker's refusal in the client's words. */
  refusal(answer: Buffer): Buffer | string;
};

export type Endpoint = {
  name: ApiEndpoint;
  /** Errors: `invalid_json`, `invalid_request` and `unsupported_parameter` with `param`. */
  plan(body: unknown): Plan;
};

/** An answer that is not a stream is held until it is whole; no completion is nearly as large. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** Of a larger body, the copy would cost more than the second piece. */
const mostJoinedBytes = 16 * 1024;

/** nginx's code for a client that closed the connection; it is in our log only. */
const clientGoneStatus = 499;

/** Bytes of JSON for one token, roughly. Budgets are reserved by it, and used where an answer's counts stay unknown. */
const bytesPerToken = 4;

/** The handler of one endpoint: understand, admit, dispatch, hand on the worker's answer, settle. */
export function serveEndpoint(deps: EndpointDeps, endpoint: Endpoint) {
  const metrics = deps.metrics.at(endpoint.name);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const record = new RequestRecord(request.id, endpoint.name, deps.logger, metrics);
    const signal = connectionSignal(request.raw);
    let running: RunningAnswer | null = null;
    let plan: Plan | null = null;
    if (deps.tracer !== null) record.trace = deps.tracer.begin(endpoint.name, request.headers);
    try {
      running = deps.running.begin();
      // While it waits for a worker: its client hears at once, and the closed connection ends the waiting.
      running.onHurry = (error) => {
        if (!reply.sent) replyWithOpenAiError(error, request, reply.headers(record.limitHeaders));
      };
      plan = endpoint.plan(request.body);
      record.model = plan.model;
      record.ticket = deps.accounting.begin(request.apiCaller, {
        model: plan.model,
        endpoint: endpoint.name,
        estimatedTokens: promptEstimate(plan) + plan.maxAnswerTokens,
        requestId: request.id,
      });
      deps.requireCapability(plan.model, plan.capability, request.apiCaller);
      const answer = await dispatchFor(deps, request, plan, signal, record);
      if (reply.sent) {
        answer.body.destroy();
        record.end(503, "shutting_down");
        return reply;
      }
      running.onHurry = (error) => void answer.body.destroy(error);
      record.workerId = answer.workerId;
      record.queueWaitMs = answer.queueWaitMs;
      record.firstByte();
      if (answer.contentType.startsWith("text/event-stream")) {
        await stream(deps, reply, plan, answer, record);
        return reply;
      }
      return await whole(reply, plan, answer, record);
    } catch (thrown) {
      if (signal.aborted) {
        record.counts = plan === null ? {} : countsOfUnheard(plan, record);
        record.end(clientGoneStatus, "client_gone");
        // Nobody is there to read an answer.
        return reply.hijack();
      }
      const error = toHttpError(thrown);
      record.end(error.status, error.code);
      if (reply.sent) return reply;
      reply.headers(record.limitHeaders);
      throw error;
    } finally {
      if (running !== null) deps.running.end(running);
    }
  };
}

/** OpenAI names the model in its 404; the controller does not, because battles use it too. */
async function dispatchFor(
  { controller }: EndpointDeps,
  request: FastifyRequest,
  { model, path, body, isStream, affinityKey }: Plan,
  signal: CancelSignal,
  record: RequestRecord,
): Promise<DispatchResponse> {
  try {
    const scopes = request.apiCaller?.scopes;
    return await controller.dispatch({
      model,
      path,
      body,
      requestId: request.id,
      priority: "batch",
      isWhole: !isStream,
      signal,
      pools: scopes?.pools ?? undefined,
      allowExperimental: scopes?.allowExperimental ?? false,
      affinityKey,
      trace: record.trace,
      listener: record,
    });
  } catch (error) {
    if (!isAppError(error) || error.code !== "model_not_found") throw error;
    throw new AppError("model_not_found", {
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
      cause: error,
    });
  }
}

async function whole(
  reply: FastifyReply,
  plan: Plan,
  answer: DispatchResponse,
  record: RequestRecord,
): Promise<FastifyReply> {
  const bytes = answer.whole ?? (await collect(answer.body, maxAnswerBytes));
  if (answer.status >= 400) {
    sendWhole(reply, answer, plan.refusal(bytes), record);
    record.end(answer.status, "refused");
    return reply;
  }
  const { body, counts } = plan.whole(bytes);
  sendWhole(reply, answer, body, record);
  record.counts = counts ?? reserved(plan);
  record.end(answer.status, "complete");
  return reply;
}

/** Past Fastify's `send`, whose hooks and serializers have nothing to do here. */
function sendWhole(
  reply: FastifyReply,
  answer: DispatchResponse,
  body: Buffer | string,
  record: RequestRecord,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const { raw } = reply;
  const head = headOf(reply, answer, record);
  head.push("content-length", bytes.length);
  raw.writeHead(answer.status, head);
  reply.hijack();
  atEndOfTurn(() => {
    if (bytes.length > mostJoinedBytes) raw.end(bytes);
    else endInOnePiece(raw, bytes);
  });
}

/** Names and values in turn: of so many, an object would become a table, which costs more than all else of the head. */
function headOf(
  reply: FastifyReply,
  { contentType }: DispatchResponse,
  { limitHeaders, firstByteMs }: RequestRecord,
): OutgoingHttpHeader[] {
  const head: OutgoingHttpHeader[] = [];
  const parts: Readonly<Record<string, OutgoingHttpHeader | undefined>>[] = [
    reply.getHeaders(),
    limitHeaders,
  ];
  for (const headers of parts) {
    for (const name in headers) head.push(name, headers[name] ?? "");
  }
  head.push("openai-processing-ms", Math.round(firstByteMs ?? 0), "cache-control", "no-store");
  head.push("content-type", contentType);
  return head;
}

/**
 * As latin1, which keeps every byte, the body goes out in one piece with the head; and uncorked before the end, which would
 * otherwise make two pieces of it.
 */
function endInOnePiece(raw: ServerResponse, bytes: Buffer): void {
  const { socket } = raw;
  socket?.cork();
  raw.write(bytes.toString("latin1"), "latin1");
  socket?.uncork();
  raw.end();
}

/** Past Fastify: its reply would buffer, and a failure in the middle needs the raw response. */
async function stream(
  deps: EndpointDeps,
  reply: FastifyReply,
  plan: Plan,
  answer: DispatchResponse,
  record: RequestRecord,
): Promise<void> {
  reply.hijack();
  const head = headOf(reply, answer, record);
  // Tells nginx not to collect the stream.
  head.push("x-accel-buffering", "no");
  reply.raw.writeHead(answer.status, head);
  const filter = plan.filter();
  const outcome = await relayEvents(reply.raw, answer.body, deps.stallMs, filter, deps.metrics.gap);
  record.counts = filter.counts ?? estimatedCounts(plan, filter);
  const isFailure = outcome === "complete" && filter.hasFailed;
  record.end(
    outcome === "client_gone" ? clientGoneStatus : answer.status,
    isFailure ? "upstream_failed" : outcome,
  );
}

/**
 * A stream that broke off, or an engine that tells no usage: the prompt by its size, and a token for each frame that was
 * received after the first. It is never more than was generated, as a frame holds at least one token.
 */
function estimatedCounts(plan: Plan, filter: CountingFilter): TokenCounts {
  return { promptTokens: promptEstimate(plan), completionTokens: Math.max(0, filter.frames - 1) };
}

/**
 * A client that left before a byte of the answer. In line it has cost nothing; at a worker, nobody can tell how much it has: it counts
 * as it was estimated, or whoever leaves early would never pay.
 */
function countsOfUnheard(plan: Plan, { wasSent }: RequestRecord): TokenCounts {
  return wasSent ? reserved(plan) : { promptTokens: 0, completionTokens: 0 };
}

/** What stands for an answer whose usage nobody told, in the budgets as in the usage. */
function reserved(plan: Plan): TokenCounts {
  return { promptTokens: promptEstimate(plan), completionTokens: plan.maxAnswerTokens };
}

function promptEstimate({ body }: Plan): number {
  return Math.ceil((typeof body === "string" ? Buffer.byteLength(body) : body.length) / bytesPerToken);
}
