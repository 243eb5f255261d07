import { AppError, isAppError } from "@/lib/errors";

/**
 * Ways in which the database is out of reach rather than the query wrong: Prisma's codes (P1xxx connection, P2024 pool timeout,
 * P2028 a transaction that could not begin or end in time, P2037 too many connections), Node's network errors, and PostgreSQL's classes 08 (connection), 57P (shutdown), 53 (too many
 * connections, disk full, no memory).
 */
const unreachable =
  /^(P100[0-3]|P1008|P1010|P1011|P1017|P2024|P2028|P2037|ECONN.*|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|08\w{3}|57P0\d|53\w{3}|28\w{3}|3D000)$/;

/**
 * Turns a failure to reach the database into `database_unavailable`, and likewise one that is the fault of other transactions
 * alone: done again, it succeeds. Everything else is returned as it is. For the place that answers a request:
 * `throw databaseError(error)`.
 */
export function databaseError(error: unknown): unknown {
  if (isAppError(error)) return error;
  if (isUnreachable(error)) return new AppError("database_unavailable", { cause: error });
  if (!isInTheWay(error)) return error;
  const message = "The database is busy with what others do at the same time.";
  return new AppError("database_unavailable", { message, details: { retryAfterSeconds: 1 }, cause: error });
}

/** PostgreSQL's class 40 (deadlock, serialization failure) and its code for a lock that could not be had. */
const inTheWay = /^(40\w{3}|55P03)$/;

function isInTheWay(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    (error as { code?: unknown }).code === "P2034" ||
    adapterCause(error).kind === "TransactionWriteConflict" ||
    inTheWay.test(postgresCode(error) ?? "")
  );
}

/** PostgreSQL's own code of an error that Prisma passes on, such as `55P03`; null where there is none. Source: PostgreSQL manual, appendix A. */
export function postgresCode(error: unknown): string | null {
  const code = error instanceof Error ? adapterCause(error).originalCode : null;
  return typeof code === "string" ? code : null;
}

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && unreachable.test(code)) return true;
  if (code === "P2010" || code === "P2039") return isUnreachableByAdapter(error);
  // pg says these without a code.
  if (
    /Connection terminated|timeout exceeded when trying to connect|Client was closed|connection error and is not queryable/i.test(
      error.message,
    )
  )
    return true;
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  return cause !== undefined && isUnreachable(cause);
}

/** What the driver adapter says of a failure for which Prisma has one code whatever the reason: one for raw queries, one for others. */
const unreachableKinds = new Set([
  "DatabaseNotReachable",
  "DatabaseAccessDenied",
  "DatabaseDoesNotExist",
  "AuthenticationFailed",
  "TlsConnectionError",
  "TooManyConnections",
  "ConnectionClosed",
  "SocketTimeout",
]);

function adapterCause(error: Error): Record<string, unknown> {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: Record<string, unknown> } } };
  return meta?.driverAdapterError?.cause ?? {};
}

function isUnreachableByAdapter(error: Error): boolean {
  const { kind, code, originalCode } = adapterCause(error);
  if (typeof kind === "string" && unreachableKinds.has(kind)) return true;
  return [code, originalCode].some((one) => typeof one === "string" && unreachable.test(one));
}

/** True for a write that a unique constraint refused (Prisma's P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "P2002";
}
