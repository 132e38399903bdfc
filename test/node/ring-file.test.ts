import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { generateRing, parseRing, RingError, requireMinting, toText } from '../../src/keys/index.ts';
import { developmentRing, readRingFile, writeRingFile } from '../../src/node/ring-file.ts';
import { expectNoSecrets, NOW, temporaryFolder } from '../keys/support.ts';

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RingError);
  return (error as RingError).message;
}

/** A thread that reads a file again and again until the writer is done. It returns the texts that it has read. */
const READER = `
  const { readFileSync } = require('node:fs');
  const { parentPort, workerData: { path, done } } = require('node:worker_threads');
  const texts = new Set([readFileSync(path, 'utf8')]);
  parentPort.postMessage('reading');
  while (Atomics.load(done, 0) === 0) texts.add(readFileSync(path, 'utf8'));
  parentPort.postMessage([...texts]);`;

describe('reading a ring', () => {
  test('accepts a ring in quotes or in base64, with spaces around it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'ring.jwks');
    const document = await generateRing(NOW);
    const text = toText(document);
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const written of [
      `\ufeff${text}`,
      text.replaceAll('\n', '\r\n'),
      `'${text}'\n`,
      JSON.stringify(text),
      Buffer.from(text).toString('base64'),
      `${Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')}\n`,
      utf16,
      Buffer.from(utf16).swap16(),
    ]) {
      await writeFile(path, written);
      expect(JSON.parse(await readRingFile(path))).toEqual(document);
    }
  });
});

describe('writing a ring', () => {
  test('makes a file that only its owner can read, and leaves no temporary file', async () => {
    const folder = await temporaryFolder();
    const document = await generateRing(NOW);
    await writeRingFile(join(folder, 'ring.jwks'), document);
    expect(await readdir(folder)).toEqual(['ring.jwks']);
    expect(await modeOf(join(folder, 'ring.jwks'))).toBe('600');
    expect(JSON.parse(await readRingFile(join(folder, 'ring.jwks')))).toEqual(document);
  });

  test('replaces a ring, and makes it unreadable for other users', async () => {
    const path = join(await temporaryFolder(), 'ring.jwks');
    await writeRingFile(path, await generateRing(NOW));
    await chmod(path, 0o644);
    const next = await generateRing(NOW + 1);
    await writeRingFile(path, next);
    expect(await readFile(path, 'utf8')).toBe(toText(next));
    expect(await modeOf(path)).toBe('600');
  });

  test('shows a reader either the old ring or the new ring at every moment', async () => {
    const path = join(await temporaryFolder(), 'ring.jwks');
    const rings = await Promise.all(Array.from({ length: 20 }, (_, index) => generateRing(NOW + index)));
    const [first, ...next] = rings;
    if (first === undefined) throw new Error('no ring was made');
    await writeRingFile(path, first);
    // Writing is synchronous and blocks this thread, so another thread reads.
    const done = new Int32Array(new SharedArrayBuffer(4));
    const reader = new Worker(READER, { eval: true, workerData: { path, done } });
    await once(reader, 'message');
    for (const ring of next) await writeRingFile(path, ring);
    const [found] = await Promise.all([once(reader, 'message'), Atomics.store(done, 0, 1)]);
    const texts = new Set(rings.map(toText));
    const torn = (found[0] as string[]).filter((text) => !texts.has(text)).map(({ length }) => length);
    expect(torn).toEqual([]);
  });

  test('overwrites no file if the option create is set, and leaves no temporary file', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'ring.jwks');
    const first = await generateRing(NOW);
    await writeRingFile(path, first, { create: true });
    expect(await refusalOf(writeRingFile(path, await generateRing(NOW), { create: true }))).toMatch(/exists and is not overwritten/);
    expect(await readFile(path, 'utf8')).toBe(toText(first));
    expect(await readdir(folder)).toEqual(['ring.jwks']);
  });

  test('says where and why writing failed, and leaves no temporary file', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'ring.jwks'));
    const document = await generateRing(NOW);
    const message = await refusalOf(writeRingFile(join(folder, 'ring.jwks'), document));
    expect(message).toMatch(
      /Cannot write the key ring .*ring\.jwks: it is a folder\. Name a file in it, e\.g\. .*ring\.jwks[/\\]ring\.jwks$/,
    );
    expectNoSecrets(message, document.keys);
    expect(await readdir(folder)).toEqual(['ring.jwks']);
  });

  test.each(['missing/ring.jwks', 'a-file/ring.jwks'])('fails for the path %s, whose parent is not a folder', async (name) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a-file'), '');
    expect(await refusalOf(writeRingFile(join(folder, name), await generateRing(NOW)))).toContain(
      `Cannot write the key ring ${join(folder, name)}`,
    );
  });
});

describe('reading a ring', () => {
  test('says that the file does not exist, and how to make a ring', async () => {
    const path = join(await temporaryFolder(), 'ring.jwks');
    expect(await refusalOf(readRingFile(path))).toBe(
      `Cannot read the key ring ${path}: there is no such file or folder. Make a key ring with: waxseal keys generate --out ${path}`,
    );
  });

  test.each([
    ['~/ring.jwks', 'no shell has replaced the ~'],
    ['$HOME/ring.jwks', 'no shell has replaced the variable'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is such a reference.
    ['${HOME}/ring.jwks', 'no shell has replaced the variable'],
    ['file:///run/secrets/ring.jwks', 'without file://'],
    ['nowhere/ring.jwks\r', 'ends with white space'],
  ])('names the mistake in the path %j, and does not advise to make a ring', async (path, mistake) => {
    const message = await refusalOf(readRingFile(path));
    expect(message).toContain(mistake);
    expect(message).not.toContain('keys generate');
  });

  test('says that the path is a link to a file that does not exist', async () => {
    const path = join(await temporaryFolder(), 'ring.jwks');
    await symlink('elsewhere.jwks', path);
    const message = await refusalOf(readRingFile(path));
    expect(message).toMatch(/is a link to elsewhere\.jwks, which does not exist/);
    expect(message).not.toContain('keys generate');
  });

  test('says that the path is a folder', async () => {
    const folder = await temporaryFolder();
    const message = await refusalOf(readRingFile(folder));
    expect(message).toBe(`Cannot read the key ring ${folder}: it is a folder. Name the file in this folder: --keys ${folder}/ring.jwks`);
  });

  test('does not advise to make a ring if a folder of the path is a file', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const message = await refusalOf(readRingFile(join(file, 'ring.jwks')));
    expect(message).toMatch(/a part of its path is not a folder\. Name a file that this program can read, with --keys FILE/);
  });

  test('quotes no part of a ring that was passed in place of a path', async () => {
    const document = await generateRing(NOW);
    for (const text of [toText(document), JSON.stringify(document)]) expectNoSecrets(await refusalOf(readRingFile(text)), document.keys);
  });
});

describe('replacing a ring', () => {
  test('keeps the owner, the group and the mode of the file, so that the server can still read the ring', async () => {
    const path = join(await temporaryFolder(), 'ring.jwks');
    await writeRingFile(path, await generateRing(0), { create: true });
    await chmod(path, 0o640);
    const before = await stat(path);
    // Only root can change the owner of a file.
    if (process.getuid?.() === 0) await chown(path, 65_534, 65_534);
    const { uid, gid } = await stat(path);
    await writeRingFile(path, await generateRing(0));
    const after = await stat(path);
    expect([after.uid, after.gid, after.mode]).toEqual([uid, gid, before.mode]);
    expect(after.ino).not.toBe(before.ino);
  });
});

describe('the development ring', () => {
  test('is generated with its folder if the file does not exist, and is marked as a development ring', async () => {
    const path = join(await temporaryFolder(), 'keys', 'development.jwks');
    const { text, created } = await developmentRing(path, NOW);
    expect(created).toBe(true);
    expect(await modeOf(path)).toBe('600');
    const ring = await parseRing(text);
    expect(ring.development).toBe(true);
    requireMinting(ring, NOW);
    expect(await readFile(join(dirname(path), '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('is not replaced if it exists', async () => {
    const path = join(await temporaryFolder(), 'development.jwks');
    const { text } = await developmentRing(path, NOW);
    expect(await developmentRing(path, NOW + 1)).toEqual({ text, created: false });
  });

  test('is generated once for five simultaneous callers', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'keys', 'development.jwks');
    const rings = await Promise.all(Array.from({ length: 5 }, () => developmentRing(path, NOW)));
    expect(rings.filter(({ created }) => created).length).toBe(1);
    expect(new Set([...rings.map(({ text }) => text), await readFile(path, 'utf8')]).size).toBe(1);
    expect((await readdir(join(folder, 'keys'))).toSorted()).toEqual(['.gitignore', 'development.jwks']);
  });

  test('causes an error with advice if it cannot be written', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'keys'), 'a file where a folder was to be');
    const message = await refusalOf(developmentRing(join(folder, 'keys', 'development.jwks'), NOW));
    expect(message).toContain(join(folder, 'keys', 'development.jwks'));
    expect(message).toMatch(/--keys FILE.*waxseal keys generate --out FILE/);
  });
});
