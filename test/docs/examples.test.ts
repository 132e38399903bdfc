import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as sdk from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../support/folders.ts';

/** An `@example`, and the exported function or type below it. */
interface Example {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** Undefined if the example has no code block of TypeScript. */
  readonly code: string | undefined;
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));

function examplesIn(file: string): Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n?(.*)/g)].flatMap(({ 0: comment, 1: declaration = '', index }) => {
    const name = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|interface|type) (\w+)/.exec(declaration)?.[1] ?? declaration;
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

/** What an example imports from the package. */
function importedBy({ code = '' }: Example): string[] {
  return [...code.matchAll(/import \{([^}]*)\} from '([^']+)'/g)].flatMap(([, names = '', door = '']) =>
    door in doors ? names.split(',').map((name) => name.trim()) : [],
  );
}

/** The entry points of `package.json`, each with its source: `waxseal/keys` is `src/keys/index.ts`. */
function doorsOfThePackage(): Record<string, string[]> {
  const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.fromEntries(
    Object.entries<{ types: string }>(exports).map(([path, { types }]) => [
      name + path.slice(1),
      [resolve(types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'))],
    ]),
  );
}

/** Type-checks all examples, each in its own file, in one run of the compiler. @returns the errors */
async function typeErrorsOf(examples: readonly Example[]): Promise<string[]> {
  const folder = emptyFolder();
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const [at, { file, line, code }] of examples.entries()) {
    writeFileSync(join(folder, `${file.replace(/\W+/g, '-')}-line-${line}-${at}.ts`), code ?? '');
  }
  const compilerOptions = { paths: doors, noUnusedLocals: false };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: ['*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { stdout } = await promisify(execFile)('node_modules/.bin/tsc', ['-p', folder]).catch((error) => error);
  return stdout.split('\n').filter((line: string) => line !== '');
}

const doors = doorsOfThePackage();

describe('the examples in the documentation of the code', () => {
  const examples = sources.flatMap(examplesIn);
  /** The kit also exports functions of the SDK. The SDK itself documents these. */
  const ofTheSdk = new Set<unknown>(Object.values(sdk));

  it.each(Object.entries(doors))('show a call of every function of %s, as a user writes it', async (_door, [source = '']) => {
    const exported: Record<string, unknown> = await import(source);
    const functions = Object.keys(exported).filter(
      (name) => typeof exported[name] === 'function' && /^[a-z]/.test(name) && !ofTheSdk.has(exported[name]),
    );
    for (const name of functions) {
      // A function that several entry points export has one example, which imports the function from one of them.
      const code = examples.find((example) => example.name === name && importedBy(example).includes(name))?.code ?? '';
      expect(code, `an example of ${name} imports it from the package`).not.toBe('');
      expect(code.replace(/^import .*$/gm, ''), `the example of ${name} calls it`).toMatch(new RegExp(`\\b${name}[(<]`));
    }
  });

  it('are in code blocks marked as TypeScript', () => {
    expect(examples.filter(({ code }) => code === undefined)).toEqual([]);
  });

  it('compile against the package as its users import it', async () => {
    const wrong = { file: 'wrong', line: 1, name: 'wrong', code: "import { utc } from 'waxseal/handle';\nutc('today');\n" };
    // The wrong example proves that the compiler checks the examples.
    const errors = await typeErrorsOf([...examples, wrong]);
    expect(errors).toEqual([expect.stringContaining("Argument of type 'string' is not assignable to parameter of type 'number'")]);
  });
});
