import type { ApiCaller } from "@/lib/accounts";

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be merged with Fastify's own.
  interface FastifyRequest {
    /** Who calls `/v1`; null for a keyless program on the server's own machine. */
    apiCaller: ApiCaller | null;
  }

  // biome-ignore lint/style/useConsistentTypeDefinitions: as above.
  interface FastifyContextConfig {
    /** Served without a key. */
    isOpen?: boolean;
  }
}
