/** Checks that package.json, server.json and CHANGELOG.md agree about the version. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const VERSION = z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);

/** server.json, with the limits of the MCP registry's schema of 2025-12-11. */
const ServerDescription = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: VERSION,
  packages: z
    .array(
      z.strictObject({
        registryType: z.literal('npm'),
        identifier: z.string(),
        version: VERSION,
        runtimeHint: z.string(),
        transport: z.strictObject({ type: z.literal('stdio') }),
        packageArguments: z.array(z.strictObject({ type: z.literal('positional'), value: z.string() })),
        environmentVariables: z.array(
          z.strictObject({
            name: z.string(),
            description: z.string(),
            format: z.enum(['string', 'number', 'boolean', 'filepath']),
            isRequired: z.boolean(),
          }),
        ),
      }),
    )
    .length(1),
});

/**
 * Reads and compares the three files.
 *
 * @returns the version, and whether CHANGELOG.md has a date for it
 * @throws {Error} if files disagree. The message names them.
 */
export async function requireMetadata(root) {
  const [manifest, server, changelog] = await Promise.all(
    ['package.json', 'server.json', 'CHANGELOG.md'].map((name) => readFile(join(root, name), 'utf8')),
  );
  const { name, version, mcpName } = JSON.parse(manifest);
  const described = ServerDescription.parse(JSON.parse(server));
  const [entry] = described.packages;
  const agreements = {
    'server.json: version equals that of package.json': described.version === version && entry.version === version,
    'server.json: packages[0].identifier equals the name in package.json': entry.identifier === name,
    'package.json: mcpName equals the name in server.json': mcpName === described.name,
    [`CHANGELOG.md: has an entry "## ${version}"`]: new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm').test(changelog),
  };
  const broken = Object.keys(agreements).filter((rule) => !agreements[rule]);
  if (broken.length > 0) throw new Error(`the metadata breaks these rules:\n  ${broken.join('\n  ')}`);
  return { version, isDated: new RegExp(`^## ${version.replaceAll('.', '\\.')}, \\d{4}-\\d{2}-\\d{2}$`, 'm').test(changelog) };
}
