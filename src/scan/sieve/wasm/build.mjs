/**
 * Compiles scanner.ts and the files beside it into ../scanner.wasm.ts. After a change of these files, run
 * `npm run build:wasm`. Otherwise test/scan/sieve/scanner.test.ts fails.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Returns the text of ../scanner.wasm.ts. */
export async function compiled() {
  const files = new Map();
  const options = ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'];
  const { error, stderr } = await asc.main(['scanner.ts', '--baseDir', folder, '--outFile', 'scanner.wasm', ...options], {
    writeFile: (name, content) => files.set(name, content),
  });
  if (error) throw new Error(`scanner.ts does not compile: ${stderr}`);
  const code = Buffer.from(files.get('scanner.wasm')).toString('base64');
  return `/** wasm/scanner.ts, compiled by \`npm run build:wasm\`, in base64. */\nexport const WASM =\n  '${code}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(new URL('../scanner.wasm.ts', import.meta.url), await compiled());
