import { callApi } from "@/app/_data/call-api";
import {
  type Account,
  accountSchema,
  type CreateOwnKeyRequest,
  doneSchema,
  type KeyList,
  keyListSchema,
  type LinkView,
  linkViewSchema,
  type NewOwnKey,
  newOwnKeySchema,
  type OwnUsage,
  ownUsageSchema,
  providerRedirectSchema,
  type SessionList,
  type SignedIn,
  sessionListSchema,
  signedInSchema,
} from "@/lib/protocol";

type SignIn = { email: string; password: string; isRemembered: boolean };
type SignUp = { email: string; name: string; password: string; invitation?: string };

/** The calls of the pages that are about accounts. Errors of each: `ApiError`. */
export const accountApi = {
  signIn: (body: SignIn): Promise<SignedIn> => post("/api/auth/sign-in", signedInSchema, body),
  signUp: (body: SignUp): Promise<SignedIn> => post("/api/auth/sign-up", signedInSchema, body),
  link: (token: string): Promise<LinkView> => post("/api/auth/link", linkViewSchema, { token }),
  resetPassword: (body: { token: string; password: string }) =>
    post("/api/auth/reset-password", doneSchema, body),
  /** Where the browser goes next. */
  provider: async (provider: string, isLink = false): Promise<string> =>
    (await post("/api/auth/provider", providerRedirectSchema, { provider, isLink })).url,

  /** What this tab remembers goes too: the next one at this machine is somebody else. */
  async signOut(): Promise<void> {
    await post("/api/auth/sign-out", doneSchema, {});
    sessionStorage.clear();
  },

  account: (): Promise<Account> => callApi("/api/account", accountSchema),
  rename: (name: string): Promise<Account> =>
    callApi("/api/account", accountSchema, { method: "PATCH", body: { name } }),
  changePassword: (body: { currentPassword?: string; newPassword: string }) =>
    post("/api/account/password", doneSchema, body),
  unlink: (provider: string): Promise<Account> =>
    callApi(`/api/account/providers/${provider}`, accountSchema, { method: "DELETE" }),
  async deleteAccount(confirmation: string): Promise<void> {
    await callApi("/api/account", doneSchema, { method: "DELETE", body: { confirmation } });
    sessionStorage.clear();
  },

  sessions: (): Promise<SessionList> => callApi("/api/account/sessions", sessionListSchema),
  /** Without an id: all but this one. */
  endSession: (id?: string): Promise<SessionList> =>
    callApi(id === undefined ? "/api/account/sessions" : `/api/account/sessions/${id}`, sessionListSchema, {
      method: "DELETE",
    }),

  keys: (): Promise<KeyList> => callApi("/api/account/keys", keyListSchema),
  createKey: (body: CreateOwnKeyRequest): Promise<NewOwnKey> =>
    post("/api/account/keys", newOwnKeySchema, body),
  revokeKey: (id: string): Promise<KeyList> =>
    callApi(`/api/account/keys/${id}`, keyListSchema, { method: "DELETE" }),

  usage: (days: UsageDays): Promise<OwnUsage> =>
    callApi(`/api/account/usage?${new URLSearchParams(days)}`, ownUsageSchema),
};

export type UsageDays = { from: string; to: string };

export const usageCsvHref = (days: UsageDays): string =>
  `/api/account/usage?${new URLSearchParams({ ...days, format: "csv" })}`;

function post<T>(path: string, schema: Parameters<typeof callApi<T>>[1], body: unknown): Promise<T> {
  return callApi(path, schema, { method: "POST", body });
}
