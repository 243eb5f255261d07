import { z } from "zod";

/**
 * What crosses the line between the account's pages and `/api/auth`, `/api/account`. Who is signed in is in an HttpOnly
 * cookie. Errors of all of them, besides those named: `invalid_request`, `rate_limited`, `database_unavailable`.
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
