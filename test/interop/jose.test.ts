/**
 * Tests that independent JOSE libraries open handles. The programs are those in the last section of
 * docs/handle-format.md.
 *
 * The tests need Debian's python3-cryptography, and some also python3-jwcrypto. Vitest skips a test whose package is
 * missing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue, type MintingKey } from '../../src/handle/index.ts';
import { mintingKey, parseRing } from '../../src/keys/index.ts';
import {
  folder,
  forgersRing,
  hasCryptography,
  hasJwcrypto,
  outerHeader,
  PYTHON,
  researchClaims,
  ringAndInspector,
  run,
  sealInPython,
} from './python-support.ts';

describe.skipIf(!hasCryptography)(`a handle outside Waxseal (${PYTHON} needs python3-cryptography)`, () => {
  let ring = '';
  let inspector = '';

  beforeAll(async () => {
    ({ ring, inspector } = await ringAndInspector());
  });

  describe.each([
    {
      tool: 'python3-jwcrypto',
      available: hasJwcrypto,
      program: [PYTHON, '-B', 'with_jwcrypto.py'],
      language: 'python',
      refusal: 'InvalidSignature',
    },
    {
      tool: 'jose',
      available: true,
      program: [process.execPath, '../with-jose.mjs'],
      language: 'js',
      refusal: 'JWSSignatureVerificationFailed',
    },
  ])('an independent JOSE library: $tool', ({ available, program, language, refusal }) => {
    const [command = '', ...args] = program;
    const openWithTool = (path: string, handle: string) => run(command, [...args, path], handle);

    it('is used by a program, and docs/handle-format.md shows this program in full', () => {
      const file = readFileSync(join(folder, program.at(-1) ?? ''), 'utf8');
      const document = readFileSync(new URL('../../docs/handle-format.md', import.meta.url), 'utf8');
      const shown = new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)?.[1];
      // The document leaves out the comment at the top of the file.
      expect(shown).toBe(file.slice(file.indexOf('\nimport ') + 1));
    });

    it.runIf(available).each([
      ['a compressed handle with an inspector ring', () => inspector, true],
      ['a handle that is not compressed, with an inspector ring', () => inspector, false],
      ['a handle with the full ring', () => ring, false],
    ])('opens and verifies %s', async (_, path, compress) => {
      const now = Math.floor(Date.now() / 1000);
      const key = mintingKey(await parseRing(readFileSync(ring, 'utf8')), now) as MintingKey;
      const state = { topic: 'a reviewer’s own tool', results: ['again and again', 'again and again'] };
      const { handle, claims } = await issue({ kind: 'research@1', state, now, lifetime: 60 }, key, { compress });
      expect('zip' in outerHeader(handle)).toBe(compress);
      const { code, stdout, stderr } = await openWithTool(path(), handle);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual(claims);
    });

    it.runIf(available)('refuses the handle of a forger without the private key', async () => {
      const forged = await sealInPython(await forgersRing(ring), researchClaims([]));
      const { code, stdout, stderr } = await openWithTool(inspector, forged);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(refusal);
    });
  });
});
