import { z } from "zod";

/**
 * What crosses the line between the account's pages and `/api/auth`, `/api/account`. Who is signed in is in an HttpOnly
 * cookie. Errors of all of them, besides those named: `invalid_request`, `rate_limited`, `database_unavailable`; where a password
 * is given also `challenge_required` (./integrity), for an account that is tried from many networks.
 *
 *   POST   /api/auth/sign-in         signInRequest → signedIn            `invalid_credentials`, `account_disabled`
 *   POST   /api/auth/sign-up         signUpRequest → signedIn            `sign_up_closed`, `link_invalid`, `email_taken`
 *   POST   /api/auth/sign-out        {} → done
 *   POST   /api/auth/link            linkRequest → linkView              `link_invalid`
 *   POST   /api/auth/reset-password  resetPasswordRequest → done         `link_invalid`
 *   POST   /api/auth/provider        providerRequest → providerRedirect  `not_found`
 *   GET    /api/auth/callback/:id    from the provider; leads to a page
 *
 * From here on `sign_in_required` too:
 *
 *   GET    /api/account              → account
 *   PATCH  /api/account              changeAccountRequest → account
 *   DELETE /api/account              deleteAccountRequest → done         `invalid_credentials`, `last_admin`
 *   POST   /api/account/password     changePasswordRequest → done        `invalid_credentials`
 *   GET    /api/account/sessions     → sessionList
 *   DELETE /api/account/sessions     → sessionList: all but this one end
 *   DELETE /api/account/sessions/:id → sessionList                       `not_found`
 *   DELETE /api/account/providers/:id → account                          `not_found`, `last_login`
 *   GET    /api/account/keys         → keyList
 *   POST   /api/account/keys         createOwnKeyRequest → newOwnKey     `key_limit_reached`
 *   DELETE /api/account/keys/:id     → keyList                           `not_found`
 *   GET    /api/account/usage?from=&to=&format=json|csv → ownUsage, or CSV
 */

export const accountLimits = { minPassword: 10, maxPassword: 128, maxName: 80, maxEmail: 254 } as const;

export const roleSchema = z.enum(["user", "researcher", "moderator", "admin"]);

export const emailSchema = z.string().trim().toLowerCase().max(accountLimits.maxEmail).pipe(z.email());

/** What a person is called: no control characters, so that it can be printed as it is. */
export const personNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(accountLimits.maxName)
  .regex(/^\P{Cc}*$/u, "no control characters")
  .refine((text) => text.isWellFormed(), "not a text");

/** Length alone: rules about kinds of characters make passwords worse (NIST SP 800-63B). */
export const newPasswordSchema = z
  .string()
  .min(accountLimits.minPassword)
  .max(accountLimits.maxPassword)
  .refine((text) => text.isWellFormed(), "not a text");

/** One that exists: whatever it is, it is compared. */
const passwordSchema = z.string().min(1).max(accountLimits.maxPassword);

const tokenSchema = z.string().min(1).max(200);

export const doneSchema = z.strictObject({ ok: z.literal(true) });

export const signInRequestSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  /** False: the session's cookie goes when the browser is closed. */
  isRemembered: z.boolean().default(true),
});

export const signUpRequestSchema = z.strictObject({
  email: emailSchema,
  name: personNameSchema,
  password: newPasswordSchema,
  /** What stands in the link of an invitation. */
  invitation: tokenSchema.optional(),
});
export type SignUpRequest = z.output<typeof signUpRequestSchema>;

export const signedInSchema = z.strictObject({ name: z.string(), role: roleSchema });
export type SignedIn = z.infer<typeof signedInSchema>;

export const linkRequestSchema = z.strictObject({ token: tokenSchema });
export const linkViewSchema = z.strictObject({
  kind: z.enum(["invitation", "first_admin", "password_reset"]),
  role: roleSchema,
});
export type LinkView = z.infer<typeof linkViewSchema>;

export const resetPasswordRequestSchema = z.strictObject({ token: tokenSchema, password: newPasswordSchema });

export const providerIdSchema = z.enum(["oidc", "github", "google"]);
export const providerRequestSchema = z.strictObject({
  provider: providerIdSchema,
  /** True: adds it to the account that is signed in. */
  isLink: z.boolean().default(false),
});
export const providerRedirectSchema = z.strictObject({ url: z.url() });

export const accountSchema = z.strictObject({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: roleSchema,
  createdAt: z.iso.datetime(),
  hasPassword: z.boolean(),
  /** Linked ones, by id. */
  providers: z.array(z.string()),
});
export type Account = z.infer<typeof accountSchema>;

export const changeAccountRequestSchema = z.strictObject({ name: personNameSchema });

export const changePasswordRequestSchema = z.strictObject({
  /** Absent where the account has none yet. */
  currentPassword: passwordSchema.optional(),
  newPassword: newPasswordSchema,
});
export type ChangePasswordRequest = z.output<typeof changePasswordRequestSchema>;

/** The password; for an account without one its e-mail address, typed. */
export const deleteAccountRequestSchema = z.strictObject({ confirmation: z.string().min(1).max(300) });

export const sessionViewSchema = z.strictObject({
  id: z.uuid(),
  /** As the browser calls itself; null where it does not. */
  userAgent: z.string().nullable(),
  signedInAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  isCurrent: z.boolean(),
});
/** The newest first. */
export const sessionListSchema = z.strictObject({ sessions: z.array(sessionViewSchema) });
export type SessionView = z.infer<typeof sessionViewSchema>;
export type SessionList = z.infer<typeof sessionListSchema>;

/** Endpoints that a key can be limited to. `models` stands for both routes below `/v1/models`. */
export const keyEndpoints = ["chat", "completions", "embeddings", "responses", "tokenize", "models"] as const;

/** The budgets that a key may have, in the order in which they are shown. */
export const budgetNames = [
  "requestsPerMinute",
  "tokensPerMinute",
  "requestsPerDay",
  "tokensPerDay",
  "maxConcurrent",
] as const;
export type BudgetName = (typeof budgetNames)[number];

const budgetSchema = z.number().int().min(1).max(2_000_000_000).nullable();
const budgetsSchema = z.strictObject({
  requestsPerMinute: budgetSchema,
  tokensPerMinute: budgetSchema,
  requestsPerDay: budgetSchema,
  tokensPerDay: budgetSchema,
  maxConcurrent: budgetSchema,
});
export type Budgets = z.infer<typeof budgetsSchema>;

export const ownKeySchema = z.strictObject({
  id: z.uuid(),
  prefix: z.string(),
  name: z.string(),
  /** This and the next: empty means all. */
  models: z.array(z.string()),
  endpoints: z.array(z.string()),
  budgets: budgetsSchema,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type OwnKey = z.infer<typeof ownKeySchema>;

export const keyListSchema = z.strictObject({
  /** The newest first. */
  keys: z.array(ownKeySchema),
  /** What the account's role allows; null: no end. */
  caps: budgetsSchema.extend({ maxKeys: z.number().int().nullable() }),
});
export type KeyList = z.infer<typeof keyListSchema>;

export const createOwnKeyRequestSchema = z.strictObject({
  name: z.string().max(128),
  models: z.array(z.string().max(128)).max(256).default([]),
  endpoints: z.array(z.enum(keyEndpoints)).max(keyEndpoints.length).default([]),
  /** Null: as long as it is not revoked. */
  expiresInDays: z.number().int().min(1).max(3_650).nullable().default(null),
  /** Null, or absent: as much as the role allows. */
  budgets: budgetsSchema.partial().default({}),
});
export type CreateOwnKeyRequest = z.output<typeof createOwnKeyRequestSchema>;

/** `secret` is the key itself: it is shown this once. */
export const newOwnKeySchema = z.strictObject({ key: ownKeySchema, secret: z.string() });
export type NewOwnKey = z.infer<typeof newOwnKeySchema>;

const daySchema = z.iso.date();
export const ownUsageRequestSchema = z.object({
  from: daySchema.optional(),
  to: daySchema.optional(),
  format: z.enum(["json", "csv"]).default("json"),
});

export const usageRowSchema = z.strictObject({
  /** In UTC. */
  day: daySchema,
  keyPrefix: z.string().nullable(),
  keyName: z.string().nullable(),
  model: z.string(),
  endpoint: z.string(),
  requests: z.number(),
  /** Answers with a status of 400 or above. */
  errors: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  completionTokens: z.number(),
});
export type OwnUsageRow = z.infer<typeof usageRowSchema>;
/** `from` and `to` are both included; the last 30 days where nothing else is asked for. Oldest first. */
export const ownUsageSchema = z.strictObject({
  from: daySchema,
  to: daySchema,
  rows: z.array(usageRowSchema),
});
export type OwnUsage = z.infer<typeof ownUsageSchema>;
