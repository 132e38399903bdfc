import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, createAudit, type FindingReport, type FindingType } from '../../../src/audit/index.ts';
import { RULES } from '../../../src/cli/report/rules.ts';
import { sarifLines } from '../../../src/cli/report/sarif.ts';
import { NOW, newLoggedWorld } from '../../audit/support.ts';
import { waxseal } from '../support.ts';

const require = createRequire(import.meta.url);
/** The SARIF schema of OASIS. Its package brings the validator that this test uses. */
const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const requireThere = createRequire(require.resolve('@microsoft/jest-sarif'));
const Ajv = requireThere('ajv');
const draft04 = requireThere('ajv/lib/refs/json-schema-draft-04.json');

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { readonly text: string } }[] } };
      readonly invocations: readonly [{ readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[] }];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly locations: readonly [
          { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object } },
        ];
      }[];
    },
  ];
}

function sarifOf(report: AuditReport): Sarif {
  const sarif = JSON.parse([...sarifLines(report, '0.1.0')].join('\n'));
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true }).addMetaSchema(draft04);
  const isValid = ajv.validate(schema, sarif);
  expect(ajv.errors ?? []).toEqual([]);
  expect(isValid).toBe(true);
  return sarif;
}

let report: AuditReport;
let log: string;
beforeAll(async () => {
  const logged = await newLoggedWorld();
  const { handle } = await logged.call('start_research_task', { topic: 'lost luggage' });
  await logged.call('record_findings', { handle, findings: ['Lisbon'] });
  await logged.call('record_findings', { handle, findings: ['Porto'] });
  log = `${logged.log()}${handle.slice(0, -4)}\n`;
  const audit = createAudit({ ring: logged.world.ring });
  await audit.read('logs/a b.log', [log]);
  report = audit.report(NOW);
});

describe('waxseal audit --sarif', () => {
  it('prints every finding with its rule, level and line', () => {
    const [{ tool, invocations, results }] = sarifOf(report).runs;
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['fork', 'error'],
      ['replay', 'warning'],
    ]);
    for (const { ruleId, ruleIndex, message, locations } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(message.text).toMatch(/^Task [\w-]{16}: .* \[[\w-]{16}/);
      expect(locations[0].physicalLocation).toMatchObject({
        artifactLocation: { uri: 'logs/a%20b.log' },
        region: { startLine: expect.any(Number) },
      });
    }
    expect(invocations[0].toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      'Not understood: 1 cut or changed handle that nobody can open.',
    ]);
  });

  it('gives a finding the same fingerprint before and after the log was rotated', () => {
    const moved = { ...report, findings: report.findings.map((one) => ({ ...one, where: { ...one.where, line: one.where.line + 100 } })) };
    const names = (given: AuditReport) => sarifOf(given).runs[0].results.map((result) => result.partialFingerprints);
    expect(names(moved)).toEqual(names(report));
    expect(new Set(names(report).map((name) => JSON.stringify(name))).size).toBe(report.findings.length);
  });

  it('is valid SARIF for every type of finding and log name, and gives advice', () => {
    const [finding] = report.findings as [FindingReport];
    const sources = ['-', '/var/log/x.log', 'C:\\logs\\x.log', '../ü \u202e%.log'];
    const findings = (Object.keys(RULES) as FindingType[]).flatMap((type) =>
      sources.map((source) => ({ ...finding, type, where: { source, line: 1 } })),
    );
    const [{ tool, results }] = sarifOf({ ...report, findings, notes: ['Key "x" is gone.'] }).runs;
    expect(results).toHaveLength(findings.length);
    for (const { help } of tool.driver.rules) expect(help.text.length).toBeGreaterThan(20);
    for (const { locations } of results) expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(/^[!-~]+$/);
  });

  it('cannot be combined with --json', async () => {
    const { code, stdout } = await waxseal(['audit', '--sarif'], { input: log });
    expect([code, sarifVersion(stdout)]).toEqual([0, '2.1.0']);
    expect(await waxseal(['audit', '--sarif', '--json'], { input: log })).toMatchObject({ code: 2, stdout: '' });
  });
});

function sarifVersion(text: string): string {
  return JSON.parse(text).version;
}
