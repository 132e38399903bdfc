import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as sdk from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import * as handle from '../../src/handle/index.ts';
import * as keys from '../../src/keys/index.ts';
import * as kit from '../../src/kit/index.ts';
import * as fetchDoor from '../../src/server/app/fetch.ts';
import * as wallet from '../../src/wallet/index.ts';
import { emptyFolder } from '../support/folders.ts';

/** An `@example` in a doc comment, and the exported function or type below the comment. */
interface Example {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** Undefined: the block has no fenced code in TypeScript. */
  readonly code: string | undefined;
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));

function examplesIn(file: string): Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n?(.*)/g)].flatMap(({ 0: comment, 1: declaration = '', index }) => {
    const name = /^export (?:async )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/.exec(declaration)?.[1] ?? declaration;
    return comment
      .split('@example')
      .slice(1)
      .map((block) => ({
        file,
        line: text.slice(0, index).split('\n').length,
        name,
        code: /```ts\n([\s\S]*?)```/.exec(block.replace(/^[ \t]*\* ?/gm, ''))?.[1],
      }));
  });
}

/** What `package.json` exports, with the source in the place of the built file: `waxseal/keys` is `src/keys/index.ts`. */
function doorsOfThePackage(): Record<string, string[]> {
  const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.fromEntries(
    Object.entries<{ types: string }>(exports).map(([path, { types }]) => [
      name + path.slice(1),
      [resolve(types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'))],
    ]),
  );
}

/** Writes each example to a file of its own, type-checks all of them in one run of the compiler, and returns its errors. */
async function typeErrorsOf(examples: readonly Example[]): Promise<string[]> {
  const folder = emptyFolder();
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const [at, { file, line, code }] of examples.entries()) {
    writeFileSync(join(folder, `${file.replace(/\W+/g, '-')}-line-${line}-${at}.ts`), code ?? '');
  }
  const compilerOptions = { paths: doorsOfThePackage(), noUnusedLocals: false };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: ['*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { stdout } = await promisify(execFile)('node_modules/.bin/tsc', ['-p', folder]).catch((error) => error);
  return stdout.split('\n').filter((line: string) => line !== '');
}

describe('the examples in the documentation of the code', () => {
  const examples = sources.flatMap(examplesIn);
  /** The kit exports some functions of the SDK, which the SDK documents. */
  const ofTheSdk = new Set<unknown>(Object.values(sdk));

  it.each([
    ['waxseal/handle', handle, 'src/handle/'],
    ['waxseal/keys', keys, 'src/keys/'],
    ['waxseal', kit, 'src/kit/'],
    ['waxseal/fetch', fetchDoor, 'src/server/app/'],
    ['waxseal/wallet', wallet, 'src/wallet/'],
  ])('show every function of %s, called as a user calls it', (door, exported, folder) => {
    const functions = Object.entries<unknown>({ ...exported }).filter(
      ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !ofTheSdk.has(value),
    );
    expect(functions).not.toEqual([]);
    for (const [name] of functions) {
      const code = examples.find((example) => example.name === name && example.file.startsWith(folder))?.code ?? '';
      const imported = [...code.matchAll(/import \{([^}]*)\} from '([^']+)'/g)].find(([, , from]) => from === door)?.[1] ?? '';
      const names = imported.split(',').map((part) => part.trim());
      expect(names, `the example of ${name} imports it from ${door}`).toContain(name);
      expect(code.replace(/^import .*$/gm, ''), `the example of ${name} calls it`).toMatch(new RegExp(`\\b${name}[(<]`));
    }
  });

  it('have their code in a fence for TypeScript', () => {
    expect(examples.filter(({ code }) => code === undefined)).toEqual([]);
  });

  it('compile against the package as its users import it', async () => {
    const wrong = { file: 'wrong', line: 1, name: 'wrong', code: "import { utc } from 'waxseal/handle';\nutc('today');\n" };
    // The wrong example proves that the compiler did check the others.
    const errors = await typeErrorsOf([...examples, wrong]);
    expect(errors).toEqual([expect.stringContaining("Argument of type 'string' is not assignable to parameter of type 'number'")]);
  });
});
