/** The forms of files: lines below each other, or lines in an export of a log store. */
import { gzipSync } from 'node:zlib';
import type { Item } from './stories.ts';
import { STREAMS } from './streams.ts';

/** A message, and the line that was made from it. */
export interface Entry {
  readonly item: Item;
  /** The message in one of the spellings (spellings.ts). */
  readonly value: object;
  readonly line: string;
}

type FileForm = (entries: readonly Entry[]) => string | Uint8Array;

const iso = ({ item }: Entry) => new Date(item.time * 1000).toISOString();
const nanoseconds = ({ item }: Entry) => `${item.time}000000000`;
const pretty = (value: unknown) => JSON.stringify(value, null, 2);
const lines = (entries: readonly Entry[]) => `${entries.map(({ line }) => line).join('\n')}\n`;
const otlp = (entries: readonly Entry[]) => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
      scopeLogs: [{ logRecords: entries.map((entry) => ({ timeUnixNano: nanoseconds(entry), body: { stringValue: entry.line } })) }],
    },
  ],
});

/**
 * The forms of files, by name. Plain lines, packed lines and a chat get no times. All other forms give each line a
 * time.
 */
export const FILES: Readonly<Record<string, FileForm>> = {
  lines: lines,
  'lines without times, newest line first': (entries) => lines(entries.toReversed()),
  'lines with CRLF and empty lines between them': (entries) => `\ufeff${entries.map(({ line }) => `${line}\r\n\r\n`).join('')}`,
  'gzipped lines': (entries) => gzipSync(lines(entries)),
  'two gzipped parts': (entries) => Buffer.concat([gzipSync(lines(entries.slice(0, 3))), gzipSync(lines(entries.slice(3)))]),
  'UTF-16': (entries) => Buffer.from(`\ufeff${lines(entries)}`, 'utf16le'),
  'a batch of OTLP in one line': (entries) => JSON.stringify(otlp(entries)),
  'a batch of OTLP over several lines': (entries) => pretty(otlp(entries)),
  "Loki's answer, newest line first": (entries) =>
    JSON.stringify({
      status: 'success',
      data: {
        resultType: 'streams',
        result: [{ stream: { job: 'x' }, values: entries.map((entry) => [nanoseconds(entry), entry.line]).reverse() }],
      },
    }),
  "Elasticsearch's answer": (entries) =>
    pretty({
      took: 3,
      hits: { hits: entries.map((entry) => ({ _source: { message: entry.line, '@timestamp': iso(entry) }, sort: [1] })) },
    }),
  "CloudWatch's events": (entries) =>
    pretty({ events: entries.map(({ item, line }) => ({ timestamp: item.time * 1000, message: line, ingestionTime: 1_900_000_000_000 })) }),
  "CloudWatch Insights' answer": (entries) =>
    JSON.stringify({
      results: entries.map((entry) => [
        { field: '@timestamp', value: iso(entry).replace('T', ' ').replace('Z', '') },
        { field: '@message', value: entry.line },
      ]),
    }),
  "Datadog's answer": (entries) =>
    JSON.stringify({ data: entries.map((entry) => ({ id: 'x', attributes: { message: entry.line, timestamp: iso(entry) } })) }),
  "Google Cloud's answer": (entries) =>
    pretty(
      entries.map((entry) => ({ insertId: 'x', textPayload: entry.line, timestamp: iso(entry), receiveTimestamp: '2026-12-01T00:00:00Z' })),
    ),
  "Azure's answer": (entries) =>
    JSON.stringify({
      tables: [{ columns: [{ name: 'TimeGenerated' }, { name: 'Message' }], rows: entries.map((entry) => [iso(entry), entry.line]) }],
    }),
  'an array with one element on each line': (entries) =>
    `[${entries.map((entry) => JSON.stringify({ time: iso(entry), line: entry.line })).join(',\n')}]\n`,
  'pretty-printed documents with a prefix on each line': (entries) =>
    entries
      .flatMap((entry) => pretty({ time: iso(entry), line: entry.line }).split('\n'))
      .map((line) => `web-1  | ${line}\n`)
      .join(''),
  'a HAR file': (entries) =>
    pretty({
      log: {
        version: '1.2',
        pages: [{ startedDateTime: '2026-01-01T00:00:00Z' }],
        entries: entries
          .filter(({ item }) => item.isRequest)
          .map((entry) => ({
            startedDateTime: iso(entry),
            time: 12,
            response: {
              content: {
                mimeType: 'application/json',
                text: entries.find(({ item }) => item.id === entry.item.id && !item.isRequest)?.line,
              },
            },
            request: { method: 'POST', headers: [{ name: 'date', value: 'x' }], postData: { text: entry.line } },
          })),
      },
    }),
  'a HAR file with bodies in base64': (entries) =>
    pretty({
      log: {
        entries: entries.map((entry) => ({
          startedDateTime: iso(entry),
          response: { content: { mimeType: 'application/json', encoding: 'base64', text: Buffer.from(entry.line).toString('base64') } },
        })),
      },
    }),
  "CloudWatch's subscription, gzip in base64": (entries) =>
    JSON.stringify({
      awslogs: {
        data: gzipSync(
          JSON.stringify({
            messageType: 'DATA_MESSAGE',
            logEvents: entries.map(({ item, line }) => ({ timestamp: item.time * 1000, message: line })),
          }),
        ).toString('base64'),
      },
    }),
  'an export in CSV without zones, newest line first': (entries) =>
    entries
      .map((entry) => `${iso(entry).replace('T', ' ').replace('Z', '')},"${entry.line.replaceAll('"', '""')}"\n`)
      .concat('@timestamp,@message\n')
      .reverse()
      .join(''),
  'an export in CSV with labels in JSON before each line': (entries) =>
    entries.map((entry) => `"${iso(entry)}","{""level"": ""info"", ""pod"": ""web-1""}","${entry.line.replaceAll('"', '""')}"\n`).join(''),
  'a table with the month first, without zones, newest line first': (entries) =>
    entries
      .map((entry) => `7/3/2026 1:${iso(entry).slice(14, 19)} PM,"${entry.line.replaceAll('"', '""')}"\n`)
      .concat('Time,Message\n')
      .reverse()
      .join(''),
  'a table with names of months, without zones, newest line first': (entries) =>
    entries
      .map((entry) => `"Jul 3, 2026 @ ${iso(entry).slice(11, 23)}","${entry.line.replaceAll('"', '""')}"\n`)
      .reverse()
      .join(''),
  'records without zones, newest record first': (entries) =>
    entries
      .map((entry) => `${JSON.stringify({ time: iso(entry).replace('Z', ''), line: entry.line })}\n`)
      .reverse()
      .join(''),
  'blocks of two replicas, hours apart and without zones': (entries) =>
    [1, 0]
      .flatMap((replica) => entries.filter(({ item }) => item.id % 2 === replica).map((entry) => ({ replica, entry })))
      .map(({ replica, entry }) => {
        const { time } = entry.item;
        const late = new Date((time + 3600 * (time - (entries[0]?.item.time ?? 0))) * 1000);
        return `web-${replica} | ${late.toISOString().replace('T', ' ').replace('Z', '')} INFO ${entry.line}\n`;
      })
      .join(''),
  'lines of klog, newest line first': (entries) =>
    entries
      .map((entry) => `I0703 ${iso(entry).slice(11, 19)}.123456       1 server.go:42] ${entry.line}\n`)
      .reverse()
      .join(''),
  'lines of syslog over New Year': (entries) =>
    entries
      .map((entry, at) => {
        const [, day, month, clock] =
          new Date(Date.UTC(2026, 11, 31, 23, 59, 58 + at)).toUTCString().match(/, (\d+) (\w+) \d+ (\S+)/) ?? [];
        return `${month} ${day?.replace(/^0/, ' ')} ${clock} host app[1]: ${entry.line}\n`;
      })
      .join(''),
  'lines without zones over the end of summer time': (entries) =>
    entries.map((entry, at) => `2026-10-25 ${at < 3 ? `02:59:5${at}` : `02:00:0${at}`} INFO ${entry.line}\n`).join(''),
  "a trace tool's runs, newest run first, each with the time of the export": (entries) =>
    entries
      .map((entry) => ({ startTime: iso(entry), line: entry.line }))
      .reverse()
      .map((run, at) => `${JSON.stringify({ createdAt: `2026-12-01T00:00:0${at}Z`, ...run })}\n`)
      .join(''),
  "requests of a model's client, each with all messages so far": (entries) =>
    entries
      .map((entry, at) => {
        const [name] = Object.entries({ contents: 'parts', input: 'call_id' }).find(([, member]) => member in entry.value) ?? ['messages'];
        const messages = [{ role: 'user', content: 'Find my bag.' }, ...entries.slice(0, at + 1).map(({ value }) => value)];
        return entry.item.isRequest ? '' : `${JSON.stringify({ time: iso(entry), body: { model: 'x', [name]: messages } })}\n`;
      })
      .join(''),
  'an object with a member for each message, last message first': (entries) =>
    pretty(Object.fromEntries(entries.map((entry) => [`m${entry.item.time}`, { at: iso(entry), line: entry.line }]).reverse())),
  ...Object.fromEntries(
    Object.entries(STREAMS).map(([api, stream]): [string, FileForm] => [
      `events of ${api}, with the input of calls in pieces`,
      (entries) =>
        entries
          .flatMap((entry) => {
            const events = entry.item.isRequest ? stream(entry.item).map((event) => JSON.stringify(event)) : [entry.line];
            return events.map((line, at) => `${new Date(entry.item.time * 1000 + at).toISOString()} data: ${line}\n`);
          })
          .join(''),
    ]),
  ),
  'a HAR file with streams of events': (entries) =>
    pretty({
      log: {
        entries: entries.map((entry) => ({
          startedDateTime: iso(entry),
          response: {
            content: {
              mimeType: 'text/event-stream',
              text: entry.item.isRequest
                ? (STREAMS['Anthropic']?.(entry.item) ?? []).map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('')
                : entry.line,
            },
          },
        })),
      },
    }),
  'the messages of a chat': (entries) => pretty({ id: 'chat', created: 1_700_000_000, messages: entries.map(({ value }) => value) }),
};
