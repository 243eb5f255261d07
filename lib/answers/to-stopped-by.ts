import { type SideStatus, type StoppedBy, stoppedBySchema } from "@/lib/protocol";

/**
 * What has stopped an answer, from its row: `error_code` says it of a stopped one, and is null where the visitor did. An
 * object to be spread into a view, which leaves out what is not so.
 */
export function toStoppedBy(row: { status: SideStatus; errorCode: string | null }): {
  stoppedBy?: StoppedBy;
} {
  const found = stoppedBySchema.safeParse(row.errorCode);
  return row.status === "stopped" && found.success ? { stoppedBy: found.data } : {};
}
