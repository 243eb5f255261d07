import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";

/**
 * Remembers the routes that are added from now on; gives the error for a request that none of them takes: 405 with the
 * methods that the path does have (RFC 9110, 15.5.6), else 404.
 */
export function noRouteErrors(app: FastifyInstance): (request: FastifyRequest) => AppError {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    methodsOf.set(url, methods);
  });
  return ({ method, url }) => {
    const methods = methodsOf.get(url.split("?", 1)[0] ?? url);
    if (methods === undefined || methods.has(method)) return new AppError("not_found");
    const allow = [...methods].sort().join(", ");
    return new AppError("method_not_allowed", { details: { allow } });
  };
}
