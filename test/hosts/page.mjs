/**
 * Makes `docs/clients.md` from the stored results of all hosts:
 *
 *     node test/hosts/page.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const RESULTS = new URL('results.json', import.meta.url);
const PAGE = new URL('../../docs/clients.md', import.meta.url);

/** Notes for the list below the table. */
const TO_SET = {
  codex:
    'set `required = true` with the wallet. Otherwise the host might send its first request to the model before the wallet has started, and the model then has no tools. We saw this on a busy machine.',
  'mcp-remote':
    'it is a bridge without a model. It passes the text and the structured content on to its host; in these tests the host is the AI SDK.',
  'ai-sdk-own-schema':
    'with `client.tools({ schemas })` a model sees only the fields that the `outputSchema` names. Name `handle` in each `outputSchema`, or leave the schemas out.',
};

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) writeFileSync(PAGE, pageOf(JSON.parse(readFileSync(RESULTS, 'utf8'))));

/** @param results the content of `results.json` @returns the page, in Markdown */
export function pageOf({ hosts }) {
  const good = hosts.filter(({ hides }) => !hides);
  return `# Clients

\`npm run test:hosts\` wrote this page on ${hosts
    .map(({ date }) => date)
    .sort()
    .at(
      -1,
    )}, with Waxseal ${hosts.at(-1)?.waxseal}; do not edit it. Each host ran its own agent loop with a scripted model, and called a real \`waxseal serve\`. The scripted model read handles, aliases and advice only in the prompt that the host gave it, exactly as a real model must. MCP Inspector and mcporter have no agent loop. For these two, the scripted model typed commands in a shell, and read what the commands printed.

Each host below did the following three tasks, over HTTP and through [the wallet](wallet.md):

- A whole task. The model started the task, added findings, completed the task and read its status.
- A task with wrong handles. The model passed a handle with a wrong character, and a handle without its last character. Each time it read the error, and then passed the right handle.
- A task with a long handle. The model added findings until a result warned that the handle was long (${range(good.map((host) => step(host, 'long', 'direct').longest))} characters), and then completed the task.

## What a model sees, and what handles cost

The server puts everything into a result twice: as text and as structured content. The columns mean the following:

- *success* and *error*: whether the host shows its model the text, the structured content or both, in a successful result and in an error;
- *copies*: how often the model sees the new handle in one result;
- *tokens*: the tokens (o200k) of all handles in a whole task of five calls. The first number counts the handles that the model reads in results, the second number those that it writes in calls. A handle that a result shows twice counts twice. Most hosts send the whole conversation again with every turn. The model then reads the earlier handles again, unless its provider caches them; these tokens are not counted;
- *with \`--handle-in\`*: the setting that suits this host, and the tokens with this setting;
- *with the wallet*: the tokens of the wallet's aliases.

${table(
  ['host', 'version', 'model API', 'success', 'error', 'copies', 'tokens', 'with `--handle-in`', 'with the wallet'],
  hosts.map((host) => rowOf(host)),
)}

${notes(hosts)}
We did not run hosts that need an account. Their users report that Claude Code shows a model the structured content of a success ([79944](https://github.com/anthropics/claude-code/issues/79944), 2.1.280) and the text of an error ([86032](https://github.com/anthropics/claude-code/issues/86032), 2.1.260), and that Copilot CLI shows both ([4515](https://github.com/github/copilot-cli/issues/4515)). For each of these two hosts, the table has a host that shows its model the same parts of a result.

## How to connect

The runs above used the configurations below, with other ports.

${good.map((host) => sectionOf(host)).join('\n')}`;
}

function rowOf(host) {
  const { title, packages, api, hides } = host;
  const [whole, slip, wallet, once] = [
    step(host, 'whole', 'direct'),
    step(host, 'slip', 'direct'),
    step(host, 'whole', 'wallet'),
    step(host, 'whole', 'once'),
  ];
  const version = Object.values(packages)[0];
  if (hides) return [title, version, api, 'the fields of the schema, without the handle', '–', '0', '–', '–', '–'];
  return [
    title,
    version,
    api,
    whole.success,
    slip.error,
    String(whole.copies),
    tokens(whole),
    `\`${once.handleIn}\`: ${tokens(once)}`,
    tokens(wallet),
  ];
}

function tokens({ read, written }) {
  return `${read} + ${written}`;
}

/** Returns the list of what the user must set for each host. */
function notes(hosts) {
  const twice = hosts.filter(({ hides, steps }) => !hides && steps[0].copies > 1).map(({ title }) => title);
  const printing = hosts.filter(({ steps }) => steps.some(({ prints, way }) => prints && way === 'direct')).map(({ title }) => title);
  const lines = [
    `${listed(twice)} show a model every handle twice, so the model pays for each handle twice. If you know which hosts call your server, let the server write each handle once: \`waxseal serve --handle-in text\`, or \`structured\` for hosts that show a model only structured content. The default, \`both\`, works with every host.`,
    `${listed(printing)} printed whole handles to standard output or standard error. Without authorization, anyone who has a handle can use it. So protect this output like a secret, or remove the handles from it with \`waxseal redact\`. With the wallet, a host receives aliases in place of handles, so it cannot print a handle.`,
    ...hosts.filter(({ name }) => name in TO_SET).map(({ name, title }) => `${title}: ${TO_SET[name]}`),
  ];
  return lines.map((line) => `- ${line}\n`).join('');
}

function sectionOf({ title, file, connect: { direct, wallet, both } }) {
  if (both !== undefined) return `### ${title}\n\n${fenced('js', both)}`;
  const language = file.endsWith('.toml') ? 'toml' : 'json';
  return `### ${title}\n\n\`${file}\`:\n\n${fenced(language, direct)}\nWith the wallet:\n\n${fenced(language, wallet)}`;
}

function fenced(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}

function step({ steps }, script, way) {
  return steps.find((one) => one.script === script && one.way === way);
}

function range(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function listed(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function table(header, rows) {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
