export type { AuditActor } from "./audit-actor";
export { commandLineActor } from "./command-line-actor";
export { type AuditLine, type AuditQuery, listAudit } from "./list-audit";
export { type AuditEntry, recordAudit } from "./record-audit";
