/** The forms of lines: what programs write around a message. */
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Item } from './stories.ts';

/** Writes a line. @param value the message in one of the spellings (spellings.ts) */
type LineForm = (value: object, item: Item) => string;

const iso = ({ time }: Item) => new Date(time * 1000).toISOString();
const json = (value: unknown) => JSON.stringify(value);

const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64');
/** Writes a separator between the pieces of each handle in a text. */
const broken = (text: string, separator: string) =>
  text.replace(/eyJhbGciOiJkaXIi[\w.-]+/g, (handle) => handle.match(/.{1,60}/g)?.join(separator) ?? '');

/** Writes a value as Python prints it. */
const python = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, member]) => `'${name}': ${python(member)}`)
      .join(', ')}}`;
  if (typeof value === 'string') return value.includes("'") ? json(value) : `'${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}'`;
  return value === true ? 'True' : value === false ? 'False' : value === null ? 'None' : String(value);
};

/** The forms of lines, by name. Every form gives a time. */
export const LINES: Readonly<Record<string, LineForm>> = {
  pino: (value, item) => json({ level: 30, time: item.time * 1000, message: value }),
  'a record with its time at the end': (value, item) => json({ payload: value, timestamp: iso(item) }),
  Serilog: (value, item) => json({ '@t': iso(item), '@m': 'seen', Message: value }),
  seconds: (value, item) => json({ ts: item.time + 0.25, value }),
  'nanoseconds in a text': (value, item) => json({ timeUnixNano: `${item.time}000000000`, body: { stringValue: json(value) } }),
  Log4j: (value, item) => json({ instant: { epochSecond: item.time, nanoOfSecond: 5 }, message: json(value) }),
  MongoDB: (value, item) => json({ ts: { $date: iso(item) }, value }),
  'MongoDB with a number': (value, item) => json({ ts: { $date: { $numberLong: `${item.time * 1000}` } }, value }),
  'Protocol Buffers': (value, item) => json({ timestamp: { seconds: `${item.time}`, nanos: 5 }, value }),
  'OpenTelemetry for JavaScript': (value, item) => json({ hrTime: [item.time, 5], body: value }),
  'fields of Elasticsearch': (value, item) => json({ fields: { '@timestamp': [iso(item)], message: [json(value)] } }),
  journald: (value, item) => json({ __REALTIME_TIMESTAMP: `${item.time}000000`, MESSAGE: json(value) }),
  'a time and words': (value, item) => `[${iso(item)}] INFO <- ${json(value)} (200)`,
  'a desktop host': (value, item) => `${iso(item)} [x] [info] Message from client: ${json(value)} { metadata: undefined }`,
  'the number of a request': (value, item) => `${iso(item)} {req-1} payload=${json(value)}`,
  'docker compose': (value, item) => `web-1  | ${iso(item)} ${json(value)}`,
  'a container runtime': (value, item) => `${iso(item)} stdout F ${json(value)}`,
  docker: (value, item) => json({ log: `${json(value)}\n`, stream: 'stdout', time: iso(item) }),
  'seconds since 1970 at the beginning': (value, item) => `[${item.time}.123] INFO ${json(value)}`,
  'milliseconds since 1970 in a table': (value, item) => `${item.time * 1000},"${json(value).replaceAll('"', '""')}"`,
  'a date of mail': (value, item) => `${new Date(item.time * 1000).toUTCString().replace('GMT', '+0000')} INFO ${json(value)}`,
  'a date of mail in a record': (value, item) => json({ time: new Date(item.time * 1000).toUTCString(), value }),
  'the date of a shell': (value, item) => {
    const [, day, month, year, clock] = new Date(item.time * 1000).toUTCString().match(/, (\d+) (\w+) (\d+) (\S+)/) ?? [];
    return `Fri ${month} ${day?.replace(/^0/, ' ')} ${clock} UTC ${year} INFO ${json(value)}`;
  },
  'a date without punctuation': (value, item) => `${iso(item).replace(/[:-]|\.\d+/g, '')} INFO ${json(value)}`,
  'a tab between date and time': (value, item) => `${iso(item).replace('T', '\t')}\t${json(value)}`,
  syslog: (value, item) => `<14>1 ${iso(item)} host app 42 - - ${json(value)}`,
  logfmt: (value, item) => `time=${iso(item)} level=info msg=${json(json(value))} n=1`,
  'logfmt in single quotation marks': (value, item) => `time="${iso(item)}" msg='${json(value).replaceAll("'", '’')}'`,
  CSV: (value, item) => `"${iso(item)}","info","${json(value).replaceAll('"', '""')}","x"`,
  HTML: (value, item) => `<td>${iso(item)}</td><td>${json(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</td>`,
  'a web server': (value, item) =>
    `::1 - - [${String(new Date(item.time * 1000).getUTCDate()).padStart(2, '0')}/Jul/2026:${iso(item).slice(11, 19)} +0000] "POST /mcp" ${json(value)}`,
  Python: (value, item) => `${iso(item)} DEBUG ${python(value)}`,
  JavaScript: (value, item) =>
    `${iso(item)} ${inspect(value, { depth: 20, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 9999 })}`,
  "an API gateway's record": (value, item) => json({ time: iso(item), event: { body: base64(json(value)), isBase64Encoded: true } }),
  'base64 in words': (value, item) => `${iso(item)} body=${base64(json(value))} (200)`,
  'base64url in a text in JSON': (value, item) =>
    json({ time: iso(item), msg: json({ state: Buffer.from(json(value)).toString('base64url') }) }),
  'base64 in lines of 76': (value, item) => json({ time: iso(item), body: base64(json(value)).replace(/.{76}/g, '$&\r\n') }),
  'base64 in an array, with a line of 76 characters in each element': (value, item) =>
    json({ time: iso(item), body: base64(json(value)).match(/.{1,76}/g) }),
  'gzip in base64 in an array of long lines': (value, item) =>
    json({ time: iso(item), body: base64(gzipSync(json(value))).match(/.{1,200}/g) }),
  'base64 in base64': (value, item) => json({ time: iso(item), data: base64(json({ body: base64(json(value)) })) }),
  'a Kinesis record': (value, item) => {
    const log = json({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', timestamp: item.time * 1000, message: json(value) }] });
    return json({ kinesis: { approximateArrivalTimestamp: item.time + 0.5, data: base64(gzipSync(log)) } });
  },
  'handles broken by escapes': (value, item) => `${iso(item)} ${broken(json(value), '\\n')}`,
  'handles broken by invisible characters': (value, item) => `${iso(item)} ${broken(json(value), '\u200b')}`,
  'handles broken by colours': (value, item) => `${iso(item)} ${broken(json(value), '\u001b[32m')}`,
  'handles broken over lines': (value, item) => `${iso(item)} ${broken(json(value), '\n  ')}`,
  'handles broken over quoted lines': (value, item) => `${iso(item)} ${broken(json(value), '\n> ')}`,
  'handles with dots escaped for a URL': (value, item) =>
    `${iso(item)} ${json(value).replace(/eyJhbGciOiJkaXIi[\w.-]+/g, (handle) => handle.replaceAll('.', '%2E'))}`,
  'two values': (value, item) => `${iso(item)} {"level":"info"} ${json(value)} [1, 2] {"ms":3}`,
  'an event of a stream': (value, item) => `${iso(item)} data: ${json(value)}`,
  'broken JSON before the message': (value, item) =>
    `${iso(item)} {"a":1,} [x {"b": ${json(value)}`.replace('{"a":1,} [x {"b": ', '{a b} [x y '),
};
