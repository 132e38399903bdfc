import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/server/index.ts';

const code = (text: string) => `\`${text}\``;

test('docs/reference/configuration.md has every setting (npm run docs:reference writes it)', async () => {
  const rows = SETTINGS.map(({ flag, env, default: fallback, description, example }) => {
    const cells = [flag?.split(' ')[0], env.map(code).join(', '), fallback, description, example];
    const [name, variables, standard, meaning, sample] = cells;
    return `| ${name ? code(name) : ''} | ${variables} | ${standard ? code(standard) : ''} | ${meaning} | ${sample ? code(sample) : ''} |`;
  });
  const page = `# Configuration

Generated from the table of settings: \`npm run docs:reference\`.

Flags win over the environment, and the environment over defaults. A wrong setting is refused at start, with its name, what is wrong and an example. Programs that \`serve()\` and \`serveStdio()\` start read the environment. The value of a variable may stand in quotes, and words may be in any case. At the start the log warns of a variable whose name begins with \`WAXSEAL_\` and that is no setting.

| flag | environment | default | meaning | example |
|---|---|---|---|---|
${rows.join('\n')}
`;
  await expect(page).toMatchFileSnapshot('../../docs/reference/configuration.md');
});
