/**
 * `docs/clients.md`, made of what a run of all hosts measured. Run by itself, it makes the page of the last run again:
 *
 *     node test/hosts/page.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const RESULTS = new URL('results.json', import.meta.url);
const PAGE = new URL('../../docs/clients.md', import.meta.url);

/** What a table cannot say of a host. */
const TO_SET = {
  codex:
    'set `required = true` with the wallet. A server that is not required may start after the first question to the model (seen on a busy machine), which then has no tools.',
  'mcp-remote': 'it shows a model nothing by itself, and passes both parts on. Here the AI SDK was above it.',
  'ai-sdk-own-schema':
    'with `client.tools({ schemas })` a model sees what the `outputSchema` names and nothing else. Name `handle` in each, or leave the schemas out.',
};

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) writeFileSync(PAGE, pageOf(JSON.parse(readFileSync(RESULTS, 'utf8'))));

/** @param results of `run.mjs` @returns the page, in Markdown */
export function pageOf({ hosts }) {
  const good = hosts.filter(({ hides }) => !hides);
  return `# Clients

\`npm run test:hosts\` wrote this page on ${hosts
    .map(({ date }) => date)
    .sort()
    .at(
      -1,
    )}, with Waxseal ${hosts.at(-1)?.waxseal}; do not edit it. Each host ran its own agent loop against a scripted model, and called a real \`waxseal serve\`. The model could use only what the host put into its prompt: it took handles, aliases and advice from there, exactly as a model must. MCP Inspector and mcporter have no loop of their own; there the model typed commands and read what they printed.

Each host below did the following, over HTTP and through [the wallet](wallet.md):

- a whole task: started, added to, completed, looked at;
- a handle with one wrong character, and one that lost its last: the model read the error and passed the right one;
- a long handle: a task was filled until a result warned (${range(good.map((host) => step(host, 'long', 'direct').longest))} characters), and then completed.

## What a model sees, and what handles cost

A server's answer says everything twice: as text, and as structured content. *Success* and *error* say which of the two a host shows its model. *Copies*: how often a new handle stands in one result. *Tokens*: all handles of a whole task of five calls, read in results and written in calls, once each (o200k); a host that sends the conversation again with every turn pays for what is read again, where its model's cache does not.

${table(
  ['host', 'version', 'model API', 'success', 'error', 'copies', 'tokens', 'with `--handle-in`', 'with the wallet'],
  hosts.map((host) => rowOf(host)),
)}

${notes(hosts)}
Hosts that need an account were not run. By their users' reports Claude Code shows a model the structured content of a success ([79944](https://github.com/anthropics/claude-code/issues/79944), 2.1.280) and the text of an error ([86032](https://github.com/anthropics/claude-code/issues/86032), 2.1.260), and Copilot CLI shows both ([4515](https://github.com/github/copilot-cli/issues/4515)). Each of these views is one that hosts above have, too.

## How to connect

The runs above used these, with other ports.

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
  if (hides) return [title, version, api, 'what the schema names: no handle', '–', '0', '–', '–', '–'];
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

/** What to set, host by host. */
function notes(hosts) {
  const twice = hosts.filter(({ hides, steps }) => !hides && steps[0].copies > 1).map(({ title }) => title);
  const printing = hosts.filter(({ steps }) => steps.some(({ prints, way }) => prints && way === 'direct')).map(({ title }) => title);
  const lines = [
    `${listed(twice)} show every handle twice, and pay for it twice. A deployment that knows its hosts says it once: \`waxseal serve --handle-in text\`, or \`structured\` for hosts that show a model nothing else. \`both\`, the default, serves every host.`,
    `${listed(printing)} printed whole handles to standard output or standard error. A handle opens for whoever holds it where there is no authorization: keep such logs as you keep secrets, or take the handles out with \`waxseal redact\`. Through the wallet there are none to print.`,
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
