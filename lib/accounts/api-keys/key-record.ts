import { z } from "zod";
import type { Database } from "@/lib/db";
import { type ApiCaller, apiEndpoints } from "../accounting-types";

export type KeyRow = Awaited<ReturnType<Database["apiKey"]["findUniqueOrThrow"]>>;

/** A key as its administrators see it. It holds nothing with which one could call. */
export type ApiKeyView = Omit<KeyRow, "hash">;

export function toView({ hash: _, ...view }: KeyRow): ApiKeyView {
  return view;
}

/** A key as the servers keep it in memory. */
export type KeyRecord = {
  prefix: string;
  hash: Uint8Array;
  expiresAt: number | null;
  isRevoked: boolean;
  caller: ApiCaller & { keyId: string };
};

const endpointsSchema = z.array(z.enum(apiEndpoints));

export function toRecord(row: KeyRow): KeyRecord {
  const { requestsPerMinute, tokensPerMinute, requestsPerDay, tokensPerDay, maxConcurrent } = row;
  return {
    prefix: row.prefix,
    hash: row.hash,
    expiresAt: row.expiresAt?.getTime() ?? null,
    isRevoked: row.revokedAt !== null,
    caller: {
      kind: "key",
      keyId: row.id,
      ownerLabel: row.ownerLabel,
      scopes: {
        models: orAll(row.models),
        pools: orAll(row.pools),
        endpoints: orAll(endpointsSchema.parse(row.endpoints)),
        allowExperimental: row.allowExperimental,
      },
      limits: { requestsPerMinute, tokensPerMinute, requestsPerDay, tokensPerDay, maxConcurrent },
    },
  };
}

function orAll<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
