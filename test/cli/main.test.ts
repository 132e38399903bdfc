import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../support/outcome.ts';
import { waxseal } from './support.ts';

/** Runs each --help once for all tests. */
const asked = new Map<string, Promise<Outcome>>();

async function printedHelp(command: string): Promise<string> {
  const answer = asked.get(command) ?? waxseal([...command.split(' ').filter(Boolean), '--help'], { env: { HOME: '/home/you' } });
  asked.set(command, answer);
  const { code, stdout, stderr } = await answer;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** The text of `--help` on one line: its line breaks depend on the terminal. */
async function helpOf(command: string): Promise<string> {
  return (await printedHelp(command)).replace(/\s+/g, ' ');
}

/** The help of one option, up to the next option. */
function aboutOption(help: string, option: string): string {
  const [, about = ''] = help.split(` ${option} `);
  return about.split(/ (?=(?:-\w, )?--\w[\w-]* )| Environment only:| Exit codes:/)[0] ?? '';
}

const ANY_SERVER: [option: string, says: RegExp][] = [
  ['--keys <file>', /default: a development ring, which the server makes in keys\/ on its first start.*env: WAXSEAL_KEYS_FILE/],
  ['--audience <name>', /default: no name.*env: WAXSEAL_AUDIENCE/],
  ['--not-before <time>', /default: .*env: WAXSEAL_NOT_BEFORE/],
  ['--handle-in <view>', /text.*structured.*env: WAXSEAL_HANDLE_IN, default: both/],
  ['--max-handle-length <characters>', /in characters.*env: WAXSEAL_MAX_HANDLE_LENGTH, default: 8192/],
  [
    '--tools <mode>',
    /all means every tool; search means three tools that find and call the other tools.*env: WAXSEAL_TOOLS, default: auto/,
  ],
  ['--log-level <level>', /env: WAXSEAL_LOG_LEVEL, default: info/],
];

const OPTIONS: [command: string, options: [option: string, says: RegExp][]][] = [
  [
    'serve',
    [
      ['--host <address>', /env: WAXSEAL_HOST, default: 127\.0\.0\.1/],
      ['--port <number>', /0 chooses a free port.*env: WAXSEAL_PORT or PORT, default: 3000/],
      ['--allow-anonymous', /env: WAXSEAL_ALLOW_ANONYMOUS, default: false/],
      ['--auth-issuer <url>', /default: callers are anonymous.*env: WAXSEAL_AUTH_ISSUER/],
      ['--auth-audience <uri>', /audience.*env: WAXSEAL_AUTH_AUDIENCE/],
      ['--auth-resource <url>', /metadata.*default: .*env: WAXSEAL_AUTH_RESOURCE/],
      ['--auth-accept-client-id', /client_id.*default: .*env: WAXSEAL_AUTH_ACCEPT_CLIENT_ID/],
      ['--auth-scopes <names>', /separated by commas.*env: WAXSEAL_AUTH_SCOPES/],
      ['--workers <number>', /auto starts one process for each core.*env: WAXSEAL_WORKERS, default: 1/],
      ['--metrics [address:port]', /127\.0\.0\.1:9464.*env: WAXSEAL_METRICS/],
      ['--rate-limit <number>', /requests in a minute.*0 means no limit.*env: WAXSEAL_RATE_LIMIT, default: 60000/],
      ['--max-connections <number>', /env: WAXSEAL_MAX_CONNECTIONS, default: 10000/],
      ['--trust-proxy <addresses>', /X-Forwarded-For.*default: none.*env: WAXSEAL_TRUST_PROXY/],
      ['--inspect', /inspector page at \/inspect.*default: it is not served.*env: WAXSEAL_INSPECT/],
      ['--allowed-hosts <names>', /separated by commas.*default: .*env: WAXSEAL_ALLOWED_HOSTS/],
      ['--allowed-origins <names>', /separated by commas.*default: .*env: WAXSEAL_ALLOWED_ORIGINS/],
      ...ANY_SERVER,
    ],
  ],
  ['stdio', ANY_SERVER],
  [
    'keys generate',
    [
      ['--out <file>', /- for standard output.*default: "ring\.jwks"/],
      ['--retire-after <duration>', /90s, 10m, 12h, 30d.*default: "365d"/],
    ],
  ],
  [
    'keys list',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--rate <number>', /handles a second.*default: "1"/],
      ['--json', /seconds since 1970/],
    ],
  ],
  [
    'keys rotate',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--activate-in <duration>', /default: "10m"/],
      ['--retire-after <duration>', /default: "365d"/],
    ],
  ],
  [
    'keys revoke',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--reason <text>', /record/],
    ],
  ],
  [
    'keys export',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--public', /public verification keys/],
      ['--inspector', /cannot mint/],
      ['--out <file>', /- for standard output.*default: inspector\.jwks, or public\.jwks/],
    ],
  ],
  [
    'inspect',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--json', /seconds since 1970/],
      ['--web', /inspector page/],
    ],
  ],
  ['tools', [['--json', /JSON/]]],
  [
    'wallet',
    [
      ['--file <file>', /keeps the handles between runs.*default: /],
      ['--ephemeral', /in memory only/],
      ['--header <header>', /NAME: VALUE.*env: WAXSEAL_WALLET_HEADERS/],
    ],
  ],
  [
    'audit',
    [
      ['--keys <file>', /env: WAXSEAL_KEYS_FILE/],
      ['--fail-on <severity>', /choices: "high", "medium", "low", default: "high"/],
      ['--caller-field <name>', /sub or req\.user/],
      ['--html <file>', /write a page/],
      ['--strict', /exit with 3 if the command did not understand everything/],
      ['--json', /seconds since 1970/],
      ['--sarif', /SARIF 2\.1\.0/],
    ],
  ],
  ['redact', []],
];

/** Options that a help text mentions, although they belong to another command or program. */
const ELSEWHERE: Record<string, string> = { inspect: '--inspector', tools: '--tools', wallet: '--some-flag' };

describe.concurrent('waxseal', () => {
  test.each(OPTIONS)('describes every option with default, unit and variable, in the help of %s', async (command, options) => {
    const help = await helpOf(command);
    expect(help).toContain(`Usage: waxseal ${command}`);
    for (const [option, says] of options) expect(aboutOption(help, option), option).toMatch(says);
    const named = [...help.matchAll(/ (--[a-z][a-z-]*)(?= )/g)].map(([, name]) => name);
    const expected = [...options.map(([option]) => option.split(' ')[0]), '--help'];
    expect(named.filter((name) => !expected.includes(name) && name !== ELSEWHERE[command])).toEqual([]);
  });

  test.each(['serve', 'stdio', 'keys list', 'keys export', 'inspect'])(
    'names the variable for the text of a ring, in the help of %s',
    async (command) => {
      expect(await helpOf(command)).toMatch(/WAXSEAL_KEYS\b/);
    },
  );

  test('has no option for sockets in the help of stdio', async () => {
    expect(await helpOf('stdio')).not.toMatch(/--host|--port|--allow/);
  });

  test('lists its commands and the exit codes in its help, and the subcommands of keys in the help of keys', async () => {
    const [program, keys] = await Promise.all([helpOf(''), helpOf('keys')]);
    for (const command of ['serve', 'stdio', 'tools', 'wallet', 'keys', 'revoke', 'inspect', 'audit', 'redact', 'health', 'init'])
      expect(program).toMatch(new RegExp(` ${command} ([[<][\\w.]+[\\]>] )*\\w`));
    for (const command of ['generate', 'list', 'rotate', 'revoke', 'export']) expect(keys).toContain(` ${command} [options]`);
    expect(program).toContain('Exit codes: 0 good, 1 not valid or failed, 2 wrong use, 3 done, but something could not be decided.');
  });
});

/** A command and all commands below it, in the order of the help. */
async function commandsBelow(parent: string): Promise<string[]> {
  const [, list = ''] = (await printedHelp(parent)).split('\nCommands:\n');
  const names = [...list.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name]) => (name && name !== 'help' ? [`${parent} ${name}`.trim()] : []));
  return [parent, ...(await Promise.all(names.map(commandsBelow))).flat()];
}

test('docs/reference/command-line.md has the help of every command (npm run docs:reference writes it)', async () => {
  const sections = (await commandsBelow('')).map(async (command) => {
    const name = `waxseal ${command}`.trim();
    return `## ${name}\n\n\`\`\`text\n${await printedHelp(command)}\`\`\`\n`;
  });
  const page = `# Command line\n\nThis page shows what \`waxseal COMMAND --help\` prints. \`npm run docs:reference\` writes the page.\n\n${(await Promise.all(sections)).join('\n')}`;
  await expect(page).toMatchFileSnapshot('../../docs/reference/command-line.md');
});

describe.concurrent('waxseal', () => {
  test.each([
    ['an unknown command', ['seal'], "unknown command 'seal'"],
    ['an unknown option', ['serve', '--prot', '1'], "unknown option '--prot'"],
    [
      'a value of an option that takes none',
      ['serve', '--allow-anonymous=true'],
      "option '--allow-anonymous' takes no value: write --allow-anonymous alone, or leave it out",
    ],
    ['a value of an unknown option', ['serve', '--prot=1'], "unknown option '--prot=1'"],
    ['an option without its value', ['serve', '--port'], "option '--port <number>' argument missing"],
    ['a missing argument', ['keys', 'revoke'], "missing required argument 'kid'"],
  ])('exits with 2 and explains the mistake on standard error for %s', async (_, args, says) => {
    const { code, stdout, stderr } = await waxseal(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^waxseal: .*\n(?:.*\n)*\(--help lists the commands, arguments and options\)\n$/);
  });
});

test.each([
  ['a command', ['\u001b[31mred']],
  ['an option', ['serve', '--\u009b31mred']],
  ['an argument of a command', ['redact', 'no\u001b[31msuch\u202efile']],
])('errors print control characters in %s as escapes', async (_name, args) => {
  const { code, stderr } = await waxseal(args);
  expect(code).toBe(2);
  expect(stderr).not.toMatch(/[^\P{C}\n]/u);
  expect(stderr).toMatch(/\\u00(?:1b|9b)/);
});

test('--version prints only the version of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await waxseal(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});
