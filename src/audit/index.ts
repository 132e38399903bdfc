/**
 * Audits the handles in logs: finds forks, replays and other problems. This module reads no file, and runs on every
 * JavaScript runtime.
 */
export { type Audit, type AuditOptions, createAudit } from './audit.ts';
export { type Diagnosis, diagnose, type Expected, type StepOutcome } from './diagnosis.ts';
export { type FindingType, SEVERITIES, type Severity } from './findings.ts';
export type { LogPosition } from './order/order.ts';
export type * from './report.ts';
export { conclusionOn, isComplete, type Unread, unreadLines } from './unread.ts';
