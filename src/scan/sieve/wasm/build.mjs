/**
 * Compiles stops.ts and the files beside it into ../stops.wasm.ts. Run `npm run build:wasm` after a change of these
 * files. Otherwise test/scan/sieve/stops.test.ts fails, because it compiles them and compares the result.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Returns the text of ../stops.wasm.ts. */
export async function compiled() {
  const files = new Map();
  const options = ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'];
  const { error, stderr } = await asc.main(['stops.ts', '--baseDir', folder, '--outFile', 'stops.wasm', ...options], {
    writeFile: (name, content) => files.set(name, content),
  });
  if (error) throw new Error(`stops.ts does not compile: ${stderr}`);
  const code = Buffer.from(files.get('stops.wasm')).toString('base64');
  return `/** wasm/stops.ts, compiled by \`npm run build:wasm\`, in base64. */\nexport const WASM =\n  '${code}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(new URL('../stops.wasm.ts', import.meta.url), await compiled());
