import { Command } from 'commander';
import type { Listing, ToolDefinition } from '../kit/index.ts';

/** How many tokens the definition of a tool takes in a model's context. */
interface Cost {
  readonly name: string;
  readonly tokens: number;
}

type CountTokens = (text: string) => number;

export function toolsCommand(): Command {
  return new Command('tools')
    .description("show the tools, and how many tokens their definitions take in a model's context, for each mode of --tools")
    .option('--json', 'print JSON')
    .addHelpText('after', '\nThe command counts the tokens in the JSON of tools/list, with the encoding o200k_base.')
    .action(async ({ json }: { json?: true }) => {
      const countTokens = await tokenizer();
      // The imports are here so that other commands start without loading the tools and the SDK.
      const [{ toolset }, { researchTools }] = await Promise.all([import('../kit/index.ts'), import('../research/index.ts')]);
      const listed = (list: Listing) => costs(list, toolset(researchTools, { list }).definitions, countTokens);
      const modes = (['all', 'search'] as const).map(listed);
      process.stdout.write(
        json ? `${JSON.stringify(Object.fromEntries(modes.map((mode) => [mode.list, mode])), null, 2)}\n` : print(modes),
      );
    });
}

/**
 * Loads the tokenizer. It is an optional package: it is large, and servers do not need it. @throws {Error} if missing
 */
async function tokenizer(): Promise<CountTokens> {
  try {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    return countTokens;
  } catch {
    throw new Error(
      'this command needs the package gpt-tokenizer, which is large and therefore optional. Install it with: npm install gpt-tokenizer',
    );
  }
}

function costs(list: Listing, definitions: readonly ToolDefinition[], countTokens: CountTokens) {
  const tools = definitions.map((definition): Cost => ({ name: definition.name, tokens: countTokens(JSON.stringify(definition)) }));
  return { list, total: countTokens(JSON.stringify(definitions)), tools };
}

function print(modes: readonly ReturnType<typeof costs>[]): string {
  const row = (name: string, tokens: number) => `  ${name.padEnd(24)}${String(tokens).padStart(6)}`;
  const blocks = modes.map(({ list, total, tools }) =>
    [`--tools ${list}`, ...tools.map(({ name, tokens }) => row(name, tokens)), row('the whole list', total)].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}
