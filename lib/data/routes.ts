import { createReadStream } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { liveDataQuerySchema, parseInput } from "@/lib/protocol";
import { byteRange } from "./byte-range";
import { type DataDeps, findReleaseFile, listReleases } from "./list-releases";
import { type LiveDataDeps, livePairs, liveRatings, toCsv } from "./live-data";

type Options = { data: DataDeps & LiveDataDeps };

const contentTypes: Readonly<Record<string, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  jsonl: "application/x-ndjson; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
};

/** The routes of lib/protocol/data.ts. Anyone may read them, programs of other sites too. */
export async function dataRoutes(app: FastifyInstance, { data }: Options): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    // Asked again each time; answered without a body while nothing has changed.
    reply.header("cache-control", "no-cache").header("access-control-allow-origin", "*");
  });

  app.get("/api/data/releases", async () => ({ releases: await listReleases(data) }));

  app.route<{ Params: { release: string; file: string } }>({
    method: ["GET", "HEAD"],
    url: "/api/data/releases/:release/files/:file",
    handler: (request, reply) => sendFile(data, request, reply),
  });

  for (const [name, read] of [
    ["pairs", livePairs],
    ["ratings", liveRatings],
  ] as const) {
    app.get(`/api/data/${name}`, async (request, reply) => {
      const query = parseInput(liveDataQuerySchema, request.query);
      const table = await read(data, query);
      const etag = `W/"${table.inputsHash.slice(0, 32)}-${query.format}"`;
      reply.header("etag", etag);
      if (holds(request, etag)) return reply.status(304).send();
      if (query.format === "json") return reply.send(table.json);
      return reply.type("text/csv; charset=utf-8").send(toCsv(table));
    });
  }
}

/** Streams a file of a release; a download that broke off goes on where it was. */
async function sendFile(
  data: DataDeps,
  request: FastifyRequest<{ Params: { release: string; file: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { release, file: name } = request.params;
  const file = await findReleaseFile(data, release, name);
  reply.header("etag", file.etag).header("accept-ranges", "bytes");
  if (holds(request, file.etag)) return reply.status(304).send();
  const type = contentTypes[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  reply.type(type);
  if (!name.endsWith(".md")) {
    reply.header("content-disposition", `attachment; filename="${release}-${name}"`);
  }
  const range = byteRange(
    { range: request.headers.range, ifRange: header(request.headers["if-range"]) },
    file,
  );
  if (range === "unsatisfiable") {
    return reply.status(416).header("content-range", `bytes */${file.bytes}`).send();
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  if (range !== null) reply.status(206).header("content-range", `bytes ${start}-${end}/${file.bytes}`);
  reply.header("content-length", end - start + 1);
  if (request.method === "HEAD" || file.bytes === 0) return reply.send();
  return reply.send(createReadStream(file.path, { start, end, highWaterMark: 1 << 18 }));
}

const header = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Whether the client has it already (RFC 9110, 13.1.2). */
function holds(request: FastifyRequest, etag: string): boolean {
  const given = request.headers["if-none-match"];
  if (given === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return given.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}
