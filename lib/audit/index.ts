export type { AuditActor } from "./audit-actor";
export { type AuditLine, type AuditQuery, listAudit } from "./list-audit";
export { type AuditEntry, recordAudit } from "./record-audit";
