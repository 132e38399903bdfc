/** What logs tell of handles: their lineages, forks, replays, and what else is wrong. Reads no file, and runs anywhere. */
export { type Audit, type AuditOptions, createAudit } from './audit.ts';
export { type Diagnosis, diagnose, type Expected, type StepOutcome } from './diagnosis.ts';
export { type FindingType, SEVERITIES, type Severity } from './findings.ts';
export type { LogPosition } from './order.ts';
export type * from './report.ts';
export { conclusionOn, isComplete, type Unread, unreadLines } from './unread.ts';
