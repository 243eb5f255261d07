/** What each setting means, for the table of the README. `unset`: what holds where the schema has no default. */
export const meanings: Readonly<Record<string, { meaning: string; unset?: string }>> = {
  HOST: { meaning: "address of the site" },
  PORT: { meaning: "port of the site" },
  DATABASE_URL: { meaning: "a PostgreSQL ≥ 15 of your own", unset: "an embedded PostgreSQL" },
  ARENA_DATA_DIR: { meaning: "embedded database, secrets, logs" },
  ARENA_PUBLIC_URL: {
    meaning: "where people's browsers find the site; needed for sign-in by a provider and for links in mail",
  },
  ARENA_RELEASES_DIR: {
    meaning: "releases of the vote data, which `/data` offers",
    unset: "`releases` in ARENA_DATA_DIR",
  },
  ARENA_DEMO_WORKERS: { meaning: "`0`: do not serve the bundled models" },
  ARENA_LOG_LEVEL: { meaning: "`fatal` … `trace`, `silent`" },
  ARENA_SECRET: {
    meaning: "signs cookies and derives worker secrets; 32 characters at least, the same for all servers",
    unset: "made once by `npm start`",
  },
  ARENA_JOIN_TOKEN: {
    meaning:
      "what a worker presents to register, for any model; 16 characters at least. `off`, or unset without `npm start`: only the join tokens of the database count",
    unset: "made once by `npm start`",
  },
  ARENA_API_KEYS: { meaning: "comma-separated keys for `/v1`, without scopes or budgets" },
  ARENA_KEYLESS_LOOPBACK: {
    meaning: "whether programs on this machine may call `/v1` without a key",
    unset: "`1` until the first key is made, or ARENA_API_KEYS or TRUST_PROXY is set",
  },
  ARENA_METRICS_TOKEN: {
    meaning: "what a scraper of `/metrics` presents as bearer token; 16 characters at least",
    unset: "programs on this machine alone read them",
  },
  TRUST_PROXY: {
    meaning:
      "proxies whose `X-Forwarded-*` headers are believed: addresses and networks (CIDR), or a number of hops where nothing else can reach the port",
  },
  ARENA_CORS_ORIGINS: {
    meaning: "sites (origins, comma-separated; `*`: any) whose pages may call `/v1`",
  },
  ARENA_WORKER_NETWORKS: { meaning: "networks (CIDR, comma-separated) in which workers may be dialled" },
  ARENA_MODERATION_URL: {
    meaning: "a moderation endpoint in OpenAI's style, such as https://api.openai.com/v1/moderations",
  },
  ARENA_MODERATION_KEY: { meaning: "its key, where it wants one" },
  ARENA_MODERATION_MODEL: { meaning: "the model that it is asked for" },
  ARENA_MODERATION_IMAGES: {
    meaning: "`1`: the endpoint takes images, `0`: texts only",
    unset: "`1` for models called `omni-moderation…`",
  },
  ARENA_HEARTBEAT_MS: {
    meaning: "how often a worker reports; one that missed two and does not answer when it is asked is out",
  },
  ARENA_UPSTREAM_TIMEOUT_MS: { meaning: "longest wait for a stream's first byte, and between two" },
  ARENA_WHOLE_ANSWER_TIMEOUT_MS: {
    meaning:
      "longest wait for an answer that is not streamed: a worker sends none of it before it is complete",
  },
  ARENA_DISPATCH_POLICY: {
    meaning: "how a worker is chosen: `least_outstanding`, `round_robin` or `lottery`",
  },
  ARENA_QUEUE_LIMIT: {
    meaning: "requests that may wait in line for one model, in each server process; `0`: none waits",
  },
  ARENA_QUEUE_DEADLINE_MS: { meaning: "longest wait in line" },
  WEB_CONCURRENCY: { meaning: "server processes that share the port; `/metrics` adds them up" },
  ARENA_ORPHAN_GRACE_MS: { meaning: "how long an answer goes on without any reader before it is stopped" },
  ARENA_DRAIN_MS: { meaning: "how long running answers may take to end at a stop" },
  ARENA_DRAIN_LEAD_MS: {
    meaning:
      "how much of ARENA_DRAIN_MS new requests are still taken while `/readyz` already says 503: longer than a balancer needs to see it",
    unset: "half of ARENA_DRAIN_MS, `5000` at most; `0` under `npm start`",
  },
  ARENA_BATTLE_MAX_TOKENS: { meaning: "longest answer of a battle" },
  ARENA_SELF_DUEL_RATE: {
    meaning:
      "share of battles in which a model meets itself (0 … 0.5): they show how often voters prefer a side where there is no difference, and are never on the board",
  },
  ARENA_STYLE_REFRESH_MS: { meaning: "shortest time between two fits of a board with style control" },
  ARENA_SECURE_COOKIES: {
    meaning: "`1` behind an HTTPS proxy; an https ARENA_PUBLIC_URL does the same",
  },
  ARENA_OIDC_ISSUER: { meaning: "sign-in by any OpenID Connect provider: its issuer" },
  ARENA_OIDC_CLIENT_ID: { meaning: "this site's client there" },
  ARENA_OIDC_CLIENT_SECRET: { meaning: "the client's secret" },
  ARENA_OIDC_NAME: { meaning: "what the button calls it" },
  ARENA_GITHUB_CLIENT_ID: { meaning: "sign-in by GitHub: this site's client there" },
  ARENA_GITHUB_CLIENT_SECRET: { meaning: "the client's secret" },
  ARENA_GOOGLE_CLIENT_ID: { meaning: "sign-in by Google: this site's client there" },
  ARENA_GOOGLE_CLIENT_SECRET: { meaning: "the client's secret" },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    meaning:
      "where traces are sent (OTLP over HTTP, such as http://127.0.0.1:4318); nothing is traced without it",
  },
  REDIS_URL: {
    meaning: "a Redis that counts what visitors, accounts and networks do within the limits",
    unset: "PostgreSQL counts",
  },
  ARENA_UNGUARDED: {
    meaning: "`1`: neither limits on visitors nor rules on votes; for load tests, never for a public site",
  },
  OTEL_SERVICE_NAME: { meaning: "this site's name in traces" },
  ARENA_CONTROLLER_URL: {
    meaning:
      "where the worker registers: the site's servers, comma-separated; it goes on to the next when one does not answer",
  },
  ARENA_WORKER_HOST: {
    meaning: "where the worker listens",
    unset:
      "`127.0.0.1` beside a server on this machine, else this machine's address on the way to the server",
  },
  ARENA_WORKER_PORT: { meaning: "its port; `0`: any that is free" },
  ARENA_TEST_DATABASE_URL: {
    meaning: "a PostgreSQL whose user may create databases",
    unset: "an embedded PostgreSQL",
  },
  ARENA_TEST_DATA: { meaning: "public vote data; tests that need it skip where it is absent" },
  ARENA_TEST_CHROMIUM: { meaning: "the browser", unset: "one that is found" },
};
