import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Holdings } from '../../src/wallet/holdings.ts';
import { createWallet, type Wallet } from '../../src/wallet/index.ts';
import { walletSession } from '../../src/wallet/session.ts';
import { fileStore } from '../../src/wallet/store.ts';
import { emptyFolder } from '../support/folders.ts';
import { madeUpHandle } from './passing-server.mjs';

const NOW = 1_800_000_000;
const DAY = 86_400;

/** Passes a handle through a wallet. @returns the alias */
async function learn(wallet: Wallet, id: string, revision = 1, expires = NOW + DAY): Promise<string> {
  const expires_at = new Date(expires * 1000).toISOString();
  const handle = madeUpHandle(`${id} ${revision}`);
  const content = { handle, handle_info: { id: id.padEnd(16, '-'), kind: 'research@1', revision, expires_at } };
  const message = await walletSession(wallet).fromServer({ jsonrpc: '2.0', id: 1, result: { structuredContent: content } });
  const { result } = message as unknown as { result: { structuredContent: { handle: string } } };
  return result.structuredContent.handle;
}

/** The handle that the server gets for an alias, or the code of the wallet's error. */
async function resolve(wallet: Wallet, alias: string): Promise<string> {
  const out = await walletSession(wallet).fromClient({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { arguments: { alias } } });
  if ('forward' in out) return (out.forward.params as { arguments: { alias: string } }).arguments.alias;
  return (out.answer.result as { structuredContent: { error: { code: string } } }).structuredContent.error.code;
}

function walletIn(file: string, more: { upstream?: string; now?: () => number; warnings?: string[] } = {}): Wallet {
  const { upstream = 'http://here/mcp', now = () => NOW, warnings = [] } = more;
  return createWallet({ upstream, file, now, warn: (text) => warnings.push(text) });
}

const newFile = () => join(emptyFolder(), 'state', 'wallet.json');

describe('the file of a wallet', () => {
  it('is kept for the next process, with mode 0600 in a folder of mode 0700', async () => {
    const file = newFile();
    const alias = await learn(walletIn(file), 'a');
    expect(await resolve(walletIn(file), alias)).toBe(madeUpHandle('a 1'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('is shared by concurrent wallets, and keeps the changes of all', async () => {
    const file = newFile();
    const wallets = Array.from({ length: 5 }, () => walletIn(file));
    const learnt = await Promise.all(
      wallets.flatMap((wallet, w) =>
        Array.from({ length: 6 }, async (_, n) => ({ id: `${w}-${n}`, alias: await learn(wallet, `${w}-${n}`) })),
      ),
    );
    expect(new Set(learnt.map(({ alias }) => alias)).size).toBe(30);
    for (const wallet of [...wallets, walletIn(file)]) {
      for (const { id, alias } of learnt) expect(await resolve(wallet, alias)).toBe(madeUpHandle(`${id} 1`));
    }
  });

  it("is valid even if the host's clock has fractions of a second", async () => {
    const file = newFile();
    const warnings: string[] = [];
    const wallet = walletIn(file, { now: () => NOW + 0.5, warnings });
    const alias = await learn(wallet, 'a');
    await learn(wallet, 'b');
    expect(await resolve(walletIn(file, { warnings }), alias)).toBe(madeUpHandle('a 1'));
    expect(warnings).toEqual([]);
  });

  it('gives a wallet the newer revision that another wallet wrote', async () => {
    const file = newFile();
    const [one, other] = [walletIn(file), walletIn(file)];
    const alias = await learn(one, 'a');
    expect(await learn(other, 'a', 2)).toBe(alias);
    expect(await resolve(one, alias)).toBe(madeUpHandle('a 2'));
  });

  it('is read if it has no topics, because an earlier version of the wallet wrote it', async () => {
    const file = newFile();
    const alias = await learn(walletIn(file), 'a');
    const before = JSON.parse(readFileSync(file, 'utf8'));
    expect(JSON.stringify(before)).not.toContain('topic');
    const warnings: string[] = [];
    expect(await resolve(walletIn(file, { warnings }), alias)).toBe(madeUpHandle('a 1'));
    expect(warnings).toEqual([]);
  });

  it('keeps members of a server, a task or a handle that only a later version of the wallet knows', async () => {
    const file = newFile();
    const alias = await learn(walletIn(file), 'a');
    const later = JSON.parse(readFileSync(file, 'utf8'));
    const [[name, holdings]] = Object.entries(later.servers) as [[string, Holdings]];
    const tasks = holdings.tasks.map((task) => ({
      ...task,
      mood: 'good',
      handles: task.handles.map((held) => ({ ...held, shape: 'round' })),
    }));
    later.servers[name] = { ...holdings, colour: 'red', tasks };
    writeFileSync(file, JSON.stringify(later));
    const warnings: string[] = [];
    const wallet = walletIn(file, { warnings });
    await learn(wallet, 'a', 2);
    expect(await resolve(wallet, alias)).toBe(madeUpHandle('a 2'));
    for (const member of ['"mood":"good"', '"colour":"red"', '"shape":"round"']) expect(readFileSync(file, 'utf8')).toContain(member);
    expect(warnings).toEqual([]);
  });

  it('is left alone, with a warning, if a later version of the wallet wrote it', async () => {
    const file = newFile();
    await learn(walletIn(file), 'a');
    const later = '{"waxseal_wallet":2,"servers":"elsewhere"}';
    writeFileSync(file, later);
    const warnings: string[] = [];
    const wallet = walletIn(file, { warnings });
    const alias = await learn(wallet, 'b');
    expect(await resolve(wallet, alias)).toBe(madeUpHandle('b 1'));
    expect(readFileSync(file, 'utf8')).toBe(later);
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
    expect(warnings.join()).toMatch(
      /a later version of the wallet wrote the file, so it is left as it is; the wallet keeps its handles in memory/,
    );
  });

  it('is left alone, with a warning in words, if it is a folder', async () => {
    const folder = newFile();
    mkdirSync(folder, { recursive: true });
    const warnings: string[] = [];
    const wallet = walletIn(folder, { warnings });
    expect(await resolve(wallet, await learn(wallet, 'a'))).toBe(madeUpHandle('a 1'));
    expect(warnings).toContain(`cannot read ${folder}: it is a folder; the wallet keeps its handles in memory`);
  });

  it("never gives a server another server's handle, whatever the server says", async () => {
    const file = newFile();
    const [good, bad] = [walletIn(file), walletIn(file, { upstream: 'http://elsewhere/mcp' })];
    const alias = await learn(good, 'a');
    expect(await resolve(bad, alias)).toBe('unknown_alias');
    // The bad server returns the good server's handle, with a higher revision.
    const theirs = await learn(bad, 'a', 9);
    expect(theirs).not.toBe(alias);
    await learn(bad, 'a', 1);
    expect(await resolve(good, alias)).toBe(madeUpHandle('a 1'));
    expect(await resolve(bad, alias)).toBe('unknown_alias');
    expect(await resolve(good, theirs)).toBe('unknown_alias');
  });

  it('gives a server the same handles with and without a slash at the end of its path', async () => {
    const file = newFile();
    const at = (upstream: string) => walletIn(file, { upstream });
    const alias = await learn(at('https://mcp.example.com/mcp?a=b'), 'a');
    expect(await resolve(at('https://mcp.example.com/mcp/?a=b'), alias)).toBe(madeUpHandle('a 1'));
    expect(await learn(at('https://mcp.example.com/mcp/?a=b'), 'a', 2)).toBe(alias);
    expect(await resolve(at('https://mcp.example.com/mcp?a=b'), alias)).toBe(madeUpHandle('a 2'));
    for (const other of ['https://mcp.example.com/?a=b', 'https://mcp.example.com/mcp?a=b/', 'https://mcp.example.com/mcp2?a=b'])
      expect(await resolve(at(other), alias)).toBe('unknown_alias');
  });

  it('gives a server the handles that an earlier wallet kept for its URL with a slash', async () => {
    const file = newFile();
    const alias = await learn(walletIn(file, { upstream: 'https://mcp.example.com/mcp' }), 'a');
    const state = JSON.parse(readFileSync(file, 'utf8')) as { servers: Record<string, unknown> };
    const slashed = createHash('sha256').update('https://mcp.example.com/mcp/').digest('base64url');
    writeFileSync(file, JSON.stringify({ ...state, servers: { [slashed]: Object.values(state.servers)[0] } }));
    const wallet = walletIn(file, { upstream: 'https://mcp.example.com/mcp' });
    expect(await resolve(wallet, alias)).toBe(madeUpHandle('a 1'));
    expect(await learn(wallet, 'a', 2)).toBe(alias);
    expect(await resolve(walletIn(file, { upstream: 'https://mcp.example.com/mcp' }), alias)).toBe(madeUpHandle('a 2'));
  });

  it("does not contain the server's URL", async () => {
    const file = newFile();
    await learn(walletIn(file, { upstream: 'https://mcp.example.com/mcp?key=secret' }), 'a');
    expect(readFileSync(file, 'utf8')).not.toMatch(/example|secret/);
  });

  it('keeps the alias of an expired handle for a while, without the handle', async () => {
    const file = newFile();
    const alias = await learn(walletIn(file), 'a');
    const later = walletIn(file, { now: () => NOW + 2 * DAY });
    expect(await resolve(later, alias)).toBe('expired');
    await learn(later, 'b', 1, NOW + 3 * DAY);
    expect(readFileSync(file, 'utf8')).not.toContain(madeUpHandle('a 1'));
    expect(await resolve(walletIn(file, { now: () => NOW + 2 * DAY }), alias)).toBe('expired');
    expect(await resolve(walletIn(file, { now: () => NOW + 40 * DAY }), alias)).toBe('unknown_alias');
  });

  it.each([
    ['damaged', '{"waxseal_wallet":1,"servers":{"x":{"ta'],
    ['empty', ''],
    ['of another program', '{"tasks":[]}'],
    ['not JSON', '-----BEGIN PRIVATE KEY-----'],
    ['with a server named constructor', '{"waxseal_wallet":1,"servers":{"constructor":{"tasks":[]}}}'],
    [
      'with an invalid handle',
      `{"waxseal_wallet":1,"servers":{"${'x'.repeat(43)}":{"tasks":[{"alias":"task_222222","seen":1,"handles":[{"revision":1,"handle":"x"}]}]}}}`,
    ],
  ])('is renamed with a warning if it is %s', async (_name, text) => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    const warnings: string[] = [];
    const alias = await learn(walletIn(file, { warnings }), 'a');
    expect(await resolve(walletIn(file), alias)).toBe(madeUpHandle('a 1'));
    const aside = readdirSync(dirname(file)).find((name) => name.includes('set-aside'));
    expect(readFileSync(join(dirname(file), aside ?? ''), 'utf8')).toBe(text);
    expect(warnings).toEqual([expect.stringContaining(aside ?? 'set-aside')]);
  });

  it('can be damaged while a wallet runs, and the wallet still has every handle', async () => {
    const file = newFile();
    const wallet = walletIn(file);
    const alias = await learn(wallet, 'a');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
    const other = await learn(wallet, 'b');
    for (const reader of [wallet, walletIn(file)]) {
      expect(await resolve(reader, alias)).toBe(madeUpHandle('a 1'));
      expect(await resolve(reader, other)).toBe(madeUpHandle('b 1'));
    }
  });

  it('can be a symbolic link, which the wallet does not replace', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    const target = join(emptyFolder(), 'elsewhere.json');
    writeFileSync(target, '{"waxseal_wallet":1,"servers":{}}');
    symlinkSync(target, file);
    await learn(walletIn(file), 'a');
    expect(readFileSync(target, 'utf8')).toContain('task_');
  });

  it('can be written although a killed wallet left its lock', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.lock`, '');
    utimesSync(`${file}.lock`, new Date(0), new Date(0));
    const alias = await learn(walletIn(file), 'a');
    expect(await resolve(walletIn(file), alias)).toBe(madeUpHandle('a 1'));
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('can be written although the clock was set back after its lock was made', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.lock`, '');
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(`${file}.lock`, later, later);
    const warnings: string[] = [];
    await learn(walletIn(file, { warnings }), 'a');
    expect(warnings).toEqual([]);
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('can be written although a killed wallet left a partial file, which is removed', async () => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    const kept = [`${file}.lock`, `${file}.part.tmp`, join(dirname(file), 'other.json.tmp'), `${file}.set-aside`];
    for (const name of kept) writeFileSync(name, madeUpHandle('left behind'));
    utimesSync(`${file}.lock`, new Date(0), new Date(0));
    await learn(walletIn(file), 'a');
    expect(readdirSync(dirname(file)).sort()).toEqual(['other.json.tmp', basename(file), `${basename(file)}.set-aside`]);
  });

  it('may be unwritable: then the handles stay in memory, and the wallet warns', async () => {
    const folder = emptyFolder();
    const [blocked, warnings] = [join(folder, 'file'), [] as string[]];
    writeFileSync(blocked, 'in the way');
    const wallet = walletIn(join(blocked, 'wallet.json'), { warnings });
    const alias = await learn(wallet, 'a');
    await learn(wallet, 'b');
    expect(await resolve(wallet, alias)).toBe(madeUpHandle('a 1'));
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.join()).not.toContain('eyJ');
  });
});

describe('a wallet in memory', () => {
  it('writes no file', async () => {
    const wallet = createWallet({ upstream: 'x', ephemeral: true, now: () => NOW });
    const alias = await learn(wallet, 'a');
    expect(await resolve(wallet, alias)).toBe(madeUpHandle('a 1'));
    expect(await resolve(createWallet({ upstream: 'x', ephemeral: true, now: () => NOW }), alias)).toBe('unknown_alias');
  });
});

describe('the store of a wallet', () => {
  it('does not write its file without a change', async () => {
    const file = newFile();
    const store = fileStore(
      file,
      () => NOW,
      () => {},
    );
    const held: Holdings = { tasks: [] };
    await store.change((state) => ({ ...state, x: { ...held, lists_itself: true } }));
    const { ino } = statSync(file);
    await store.change((state) => state);
    expect(statSync(file).ino).toBe(ino);
  });
});
