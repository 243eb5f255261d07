export type {
  AccountedRequest,
  ApiCaller,
  ApiEndpoint,
  Authentication,
  RequestAccounting,
  RequestResult,
  Ticket,
} from "./accounting-types";
export { apiEndpoints } from "./accounting-types";
export { type Accounts, type AccountsDeps, createAccounts } from "./accounts";
export { changeKey } from "./api-keys/change-key";
export { checkEndpoint, mayUseModel } from "./api-keys/check-scopes";
export { createKey } from "./api-keys/create-key";
export type { ApiKeyView } from "./api-keys/key-record";
export type { ChangeKeyInput, CreateKeyInput } from "./api-keys/key-settings";
export { listKeys } from "./api-keys/list-keys";
export { revokeKey } from "./api-keys/revoke-key";
export { rotateKey } from "./api-keys/rotate-key";
export type { VerifyKey } from "./api-keys/verify-key";
export { createJoinToken } from "./join-tokens/create-join-token";
export type { CreateJoinTokenInput, JoinTokenView } from "./join-tokens/join-token-record";
export { listJoinTokens } from "./join-tokens/list-join-tokens";
export { revokeJoinToken } from "./join-tokens/revoke-join-token";
export { rotateJoinToken } from "./join-tokens/rotate-join-token";
export { createFirstAdminLink, createResetLink, inviteUser, type NewLink } from "./links/create-link";
export { linkAddress } from "./links/link-address";
export { revokeSessions, type WhichSessions } from "./sessions/revoke-sessions";
export { hasRole, type Role, roles, type Sessions, type SessionUser } from "./sessions/session-types";
export { createSignIn, type SignIn, type SignInOptions } from "./sign-in";
export { readUsage, type UsageQuery, type UsageRow } from "./usage/read-usage";
export { usageCsv } from "./usage/usage-csv";
export { usageRoutes } from "./usage/usage-routes";
export { deleteUser } from "./users/delete-user";
export { disableUser, enableUser } from "./users/disable-user";
export { listUsers, type UsersQuery, type UserView } from "./users/list-users";
export { setUserRole } from "./users/set-role";
export { requireNotStopped } from "./visitors/require-not-stopped";
export { createVisitorCookies, type VisitorCookies } from "./visitors/visitor-cookie";
export { visitorOrNew } from "./visitors/visitor-or-new";
export { createVisitors, type Visitors } from "./visitors/visitors";
