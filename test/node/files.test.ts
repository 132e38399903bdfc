import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LockOptions, stampFrom, withLock, writeWhole } from '../../src/node/files.ts';
import { emptyFolder } from '../support/folders.ts';

const held: LockOptions['held'] = (lock) => new Error(`held: ${lock}`);
const LONG_AGO = new Date(0);

describe('a file that is written whole', () => {
  it('replaces the file that a symbolic link points to, and keeps the link', () => {
    const folder = emptyFolder();
    const [target, path] = [join(folder, 'target'), join(folder, 'link')];
    writeFileSync(target, 'old');
    symlinkSync(target, path);
    writeWhole(path, 'new');
    expect([readFileSync(target, 'utf8'), lstatSync(path).isSymbolicLink()]).toEqual(['new', true]);
  });

  it('is refused with the option create if the path is a symbolic link, even if the link leads to nothing', () => {
    const path = join(emptyFolder(), 'link');
    symlinkSync('nowhere', path);
    expect(() => writeWhole(path, 'new', { create: true })).toThrow(/EEXIST/);
  });

  it('gets a new stamp, even if its text stays the same', () => {
    const path = join(emptyFolder(), 'file');
    expect(stampFrom(undefined)).toBe('');
    writeWhole(path, 'same');
    const before = stampFrom(lstatSync(path));
    writeWhole(path, 'same');
    expect(stampFrom(lstatSync(path))).not.toBe(before);
  });
});

describe('the lock of a file', () => {
  it('exists during the work, and is gone afterwards, even if the work fails', async () => {
    const path = join(emptyFolder(), 'file');
    const work = async () => {
      throw new Error(`locked: ${existsSync(`${path}.lock`)}`);
    };
    await expect(withLock(path, { held }, work)).rejects.toThrow('locked: true');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('is never removed by another process if no lifetime is given', async () => {
    const path = join(emptyFolder(), 'file');
    writeFileSync(`${path}.lock`, '');
    utimesSync(`${path}.lock`, LONG_AGO, LONG_AGO);
    await expect(withLock(path, { held }, () => 'done')).rejects.toThrow(`held: ${path}.lock`);
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  it('is removed after its lifetime, with the temporary files beside it', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'file');
    for (const name of ['file.lock', 'file.part.tmp']) writeFileSync(join(folder, name), '');
    utimesSync(`${path}.lock`, LONG_AGO, LONG_AGO);
    expect(await withLock(path, { held, lifetime: 1_000 }, () => 'done')).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  });
});
