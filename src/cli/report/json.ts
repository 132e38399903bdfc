import type { AuditReport } from '../../audit/index.ts';

/** Writes a report as JSON, a line for each task and finding: the whole report may be too long for one string. */
export function* jsonLines(report: AuditReport): Generator<string> {
  const members = Object.entries(report);
  yield '{';
  for (const [at, [name, value]] of members.entries()) {
    const comma = at < members.length - 1 ? ',' : '';
    if (!Array.isArray(value) || value.length === 0) yield `  ${JSON.stringify(name)}: ${JSON.stringify(value)}${comma}`;
    else {
      yield `  ${JSON.stringify(name)}: [`;
      for (const [index, item] of value.entries()) yield `    ${JSON.stringify(item)}${index < value.length - 1 ? ',' : ''}`;
      yield `  ]${comma}`;
    }
  }
  yield '}';
}
