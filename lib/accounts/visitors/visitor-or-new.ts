import type { FastifyReply, FastifyRequest } from "fastify";
import type { Visitors } from "./visitors";

/** Whose browser asks. One that is not known yet becomes a visitor, and gets the cookie with the answer. */
export async function visitorOrNew(
  visitors: Pick<Visitors, "read" | "create">,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const known = await visitors.read(request.headers.cookie);
  if (known !== null) return known;
  const { visitorId, setCookie } = visitors.create();
  reply.header("set-cookie", setCookie);
  return visitorId;
}
