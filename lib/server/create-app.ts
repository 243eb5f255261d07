import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { AppError } from "@/lib/errors";
import { handleApiError, requireSameOrigin } from "@/lib/http";
import { replyWithOpenAiError } from "@/lib/openai";
import { answerClientErrors, bareAnswer } from "./client-error";
import {
  dataHeaders,
  httpsDetector,
  newNonce,
  pagePolicy,
  securityHeaders,
  strictTransport,
} from "./security-headers";
import { beginsWork, type StopPhase, stoppingHeaders, stopRetrySeconds } from "./stop-phase";

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** First path segments that Fastify answers; everything else is a page. */
const ownPaths = /^\/(?:v1|api|metrics|healthz|readyz)(?:[/?]|$)/;

/** What a client may choose as its request's id; anything else gets one of ours. */
const requestIdPattern = /^[\w.-]{1,128}$/;

const maxBodyBytes = 1024 * 1024;

/**
 * What a connection may take before its request is whole; a client that sends a byte now and then would otherwise hold it
 * for ever. Answers may take as long as they need.
 */
const connectionLimits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  // Node's own answer has no body; ours is in `front`.
  requireHostHeader: false,
};

export type AppOptions = {
  logger: Logger;
  pages: PageHandler;
  /** Proxies whose `X-Forwarded-*` headers are believed: a number of hops, or networks. Default: none. */
  trustProxy?: number | string[];
  /** The site is reached over TLS only. Default: as a believed proxy says of each request. */
  isSecure?: boolean;
  /** Other limits, for tests. */
  limits?: Partial<typeof connectionLimits>;
  /** Default: it runs. */
  stopPhase?: () => StopPhase;
};

export type AppRoute = { method: string; url: string };

const routesOfApp = new WeakMap<FastifyInstance, AppRoute[]>();

/** Every route that was registered, so that a check of all of them covers those to come. */
export function routesOf(app: FastifyInstance): readonly AppRoute[] {
  return routesOfApp.get(app) ?? [];
}

/**
 * One HTTP server: requests under our own paths go to Fastify, the others straight to Next, before any hook or parser
 * runs, so that neither pays for the other.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const { logger, pages, trustProxy = 0, isSecure = false, stopPhase = () => "running" } = options;
  const isForwardedHttps = httpsDetector(trustProxy);
  const isHttps = (request: IncomingMessage) => isSecure || isForwardedHttps(request);
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line a request is written by the routes that know more about it.
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    // A logger of its own for each request costs more than it tells: whoever logs names the request.
    childLoggerFactory: (parent) => parent,
    bodyLimit: maxBodyBytes,
    trustProxy: trustedProxies(trustProxy),
    // Model names in paths have up to 128 characters, more when they are percent-encoded.
    routerOptions: { maxParamLength: 512 },
    // The default waits for idle keep-alive connections; streams are ended by whoever owns them before this.
    forceCloseConnections: true,
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      return typeof given === "string" && requestIdPattern.test(given) ? given : randomUUID();
    },
    // An address that cannot be decoded reaches no route, so no route's error handler either.
    frameworkErrors: (_error, request, reply) => {
      const error = new AppError("invalid_request", { message: "The address is not valid." });
      const answer = request.url.startsWith("/v1/") ? replyWithOpenAiError : handleApiError;
      answer(error, request, reply.headers(dataHeaders).header("x-request-id", request.id));
    },
    clientErrorHandler: answerClientErrors(logger),
    serverFactory: (handler) => {
      const server = createServer(
        { ...connectionLimits, ...options.limits },
        front(handler, { pages, logger, isHttps, stopPhase }),
      );
      server.keepAliveTimeout = 65_000;
      return server;
    },
  });
  const routes: AppRoute[] = [];
  routesOfApp.set(app, routes);
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD") routes.push({ method: one, url });
  });
  // With callbacks: hooks that return promises cost every request two turns of the microtask queue each.
  app.addHook("onRequest", (request, reply, done) => {
    // Not on the raw response: one that has headers already takes all further ones by a slower way.
    reply.headers(dataHeaders).header("x-request-id", request.id);
    if (isHttps(request.raw)) reply.header("strict-transport-security", strictTransport);
    const phase = stopPhase();
    if (phase !== "running") {
      reply.headers(stoppingHeaders);
      if (phase === "refusing" && beginsWork(request.raw))
        throw new AppError("shutting_down", { details: { retryAfterSeconds: stopRetrySeconds } });
    }
    if (holdsNul(request.url))
      throw new AppError("invalid_request", { message: "The address is not valid." });
    if (request.url.startsWith("/api/")) requireSameOrigin(request);
    done();
  });
  app.setErrorHandler(handleApiError);
  app.setNotFoundHandler((request, reply) => handleApiError(new AppError("not_found"), request, reply));
  return app;
}

/**
 * Fastify believes nobody when it is given a number. Here the operator has said by it that nothing but so many proxies in
 * a row can reach this port; `hop` 0 is the connection's own address.
 */
function trustedProxies(trustProxy: number | string[]) {
  if (typeof trustProxy !== "number") return trustProxy;
  return trustProxy === 0 ? false : (_address: string, hop: number) => hop < trustProxy;
}

/** PostgreSQL stores no NUL, and no name or id has one: it would only become a fault further in. */
const holdsNul = (url: string): boolean => url.includes("%00");

type Front = {
  pages: PageHandler;
  logger: Logger;
  isHttps: (request: IncomingMessage) => boolean;
  stopPhase: () => StopPhase;
};

function front(own: RequestListener, { pages, logger, isHttps, stopPhase }: Front): RequestListener {
  return (request, response) => {
    // RFC 9112, 3.2.
    if (request.headers.host === undefined && request.httpVersion === "1.1") {
      const error = new AppError("invalid_request", { message: "A request needs a Host header." });
      const { status, headers, body } = bareAnswer(error);
      response.writeHead(status, headers).end(body);
      return;
    }
    if (ownPaths.test(request.url ?? "/")) {
      own(request, response);
      return;
    }
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    // A page is read and begins nothing; the connection is not for the next request.
    if (stopPhase() !== "running") response.setHeader("connection", "close");
    if (holdsNul(request.url ?? "")) {
      response.writeHead(400, { "content-type": "text/plain" }).end("The address is not valid.");
      return;
    }
    if (isHttps(request)) response.setHeader("strict-transport-security", strictTransport);
    // Whatever a client sent under these names is gone.
    const nonce = newNonce();
    const policy = pagePolicy(nonce);
    request.headers["content-security-policy"] = policy;
    request.headers["x-nonce"] = nonce;
    delete request.headers["content-security-policy-report-only"];
    response.setHeader("content-security-policy", policy);
    pages(request, response).catch((error: unknown) => {
      logger.error({ err: error, url: request.url }, "a page failed");
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end("Something failed inside the server.");
    });
  };
}
