/** For tests: what an attacker, or a broken client, sends. */

const xss = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "javascript:alert(1)",
  "<svg/onload=alert(1)>",
  "{{constructor.constructor('return process')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what is sent is the text itself.
  "${7*7}",
];

const injection = [
  "' OR '1'='1",
  "'; DROP TABLE votes; --",
  "1; SELECT pg_sleep(10)",
  "\\'; TRUNCATE visitors; --",
  "$1",
  "admin'--",
  '{"$gt": ""}',
  "| cat /etc/passwd",
  "$(id)",
  "__proto__",
];

const traversal = [
  "../../../../etc/passwd",
  "..\\..\\windows\\win.ini",
  "/etc/passwd",
  "file:///etc/passwd",
  "%2e%2e%2f",
];

const addresses = [
  "http://169.254.169.254/latest/meta-data/",
  "http://127.0.0.1:5432/",
  "gopher://127.0.0.1:6379/_FLUSHALL",
];

const unicode = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202eevil\u202c",
  "\u200b\u200b\u200b",
  "Z̷̡͎̗a̵̧l̴g̶o̷".repeat(50),
  "ﷺ".repeat(200),
  "İ".repeat(100),
  "\ufeff",
  "𝕊𝔼𝕃𝔼ℂ𝕋",
];

const oversized = ["A".repeat(300_000), "9".repeat(5_000)];

export const hostileTexts: readonly string[] = [
  ...xss,
  ...injection,
  ...traversal,
  ...addresses,
  ...unicode,
  ...oversized,
];

/** Fields that our requests have, so that the texts reach more than the first check. */
export const hostileFields = [
  "prompt",
  "text",
  "idempotencyKey",
  "models",
  "model",
  "outcome",
  "side",
  "reasons",
  "comment",
  "systemPrompt",
  "parameters",
  "messages",
  "email",
  "password",
  "name",
  "token",
  "id",
  "order",
  "url",
  "joinToken",
] as const;

const deep = (levels: number): string => `${"[".repeat(levels)}0${"]".repeat(levels)}`;

/** A list that takes up so many bytes. */
const long = (element: string, bytes: number): string =>
  `[${Array(Math.floor(bytes / (element.length + 1))).fill(element)}]`;

/** Lists whose every element is wrong, under the names that our requests have for lists; together as large as a body may be. */
const longLists = [
  "prompt",
  "input",
  "messages",
  "stop",
  "tools",
  "include",
  "models",
  "parameters",
  "reasons",
]
  .map((field) => `"${field}":${long("null", 100_000)}`)
  .join();

/** Bodies as bytes with their content type: malformed ones, and JSON whose every field is hostile. */
export const hostileBodies: readonly { type: string; body: Buffer }[] = [
  ...[
    "",
    "{",
    "[]",
    "null",
    "1e999",
    '"text"',
    '{"a":1,"a":2}',
    '{"__proto__":{"isAdmin":true}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '{"prompt":"\\ud800"}',
    deep(5_000),
    `{"prompt":${"[".repeat(50_000)}`,
    long("null", 1_000_000),
    `{"model":"x","prompt":${long("{}", 1_000_000)}}`,
    `{"model":"x",${longLists}}`,
  ].map((text) => ({ type: "application/json", body: Buffer.from(text) })),
  { type: "application/json", body: Buffer.from([0xff, 0xfe, 0x00, 0x01, 0xc3, 0x28]) },
  { type: "application/json", body: Buffer.alloc(1_200_000, " ") },
  {
    type: "application/xml",
    body: Buffer.from("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
  },
  { type: "text/plain", body: Buffer.from("prompt=1") },
  { type: "application/x-www-form-urlencoded", body: Buffer.from("prompt=1&prompt[]=2") },
  {
    type: "multipart/form-data; boundary=x",
    body: Buffer.from(
      '--x\r\nContent-Disposition: form-data; name="a"; filename="../../x"\r\n\r\n1\r\n--x--',
    ),
  },
  { type: "image/png", body: Buffer.from("<svg onload=alert(1)>") },
  { type: "", body: Buffer.from("{}") },
  ...hostileTexts.map((text) => ({
    type: "application/json",
    body: Buffer.from(JSON.stringify(Object.fromEntries(hostileFields.map((field) => [field, text])))),
  })),
  ...hostileTexts
    .filter((text) => text.length < 1_000)
    .map((text) => ({
      type: "application/json",
      // The right keys and shapes, hostile values.
      body: Buffer.from(
        JSON.stringify({
          ...{ model: text, models: { a: text, b: text }, messages: [{ role: "user", content: text }] },
          ...{ prompt: "x", idempotencyKey: text, text: "x", outcome: "a" },
        }),
      ),
    })),
];
