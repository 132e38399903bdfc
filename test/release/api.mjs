/** Writes the public interface of each entry point to `docs/api/`, so that reviews show every change of it. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tools } from './run.mjs';

/** Writes a report for each entry point of a built checkout. @returns the names of the files */
export async function writeReports(checkout, reports) {
  const bin = await tools();
  const { Extractor, ExtractorConfig, ExtractorLogLevel } = createRequire(join(bin, '../api/'))('@microsoft/api-extractor');
  const { exports } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
  await mkdir(reports, { recursive: true });
  const names = [];
  for (const [door, { types }] of Object.entries(exports)) {
    const name = door === '.' ? 'kit' : door.slice(2);
    const configObject = {
      projectFolder: checkout,
      mainEntryPointFilePath: join(checkout, types),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2023',
            lib: ['ES2023', 'DOM', 'DOM.Iterable'],
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(checkout, types)],
        },
      },
      apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: reports, reportTempFolder: join(checkout, 'dist/.api') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    };
    const config = ExtractorConfig.prepare({
      configObject,
      configObjectFullPath: undefined,
      packageJsonFullPath: join(checkout, 'package.json'),
    });
    const { errorCount } = Extractor.invoke(config, {
      localBuild: true,
      messageCallback: (message) => (message.handled = message.logLevel !== ExtractorLogLevel.Error),
    });
    if (errorCount > 0) throw new Error(`API Extractor found errors in waxseal${door.slice(1)}`);
    names.push(`${name}.api.md`);
  }
  await rm(join(checkout, 'dist/.api'), { recursive: true, force: true });
  return names;
}

/**
 * Compares the reports of a built checkout with the committed ones.
 *
 * @returns the number of entry points
 * @throws {Error} if reports differ. The message names them.
 */
export async function compareReports(checkout, root) {
  const reports = await mkdtemp(join(tmpdir(), 'waxseal-api-'));
  const names = await writeReports(checkout, reports);
  const texts = (folder) => Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  const [made, kept] = await Promise.all([texts(reports), texts(join(root, 'docs/api'))]);
  await rm(reports, { recursive: true });
  const changed = names.filter((_, at) => made[at] !== kept[at]);
  if (changed.length > 0)
    throw new Error(`the public interface has changed: ${changed.join(', ')}. If you mean to change it, run: npm run docs:api`);
  return names.length;
}

// `node test/release/api.mjs [--check]`
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if (process.argv.includes('--check'))
    process.stdout.write(`The interface of ${await compareReports(root, root)} entry points agrees with docs/api/.\n`);
  else process.stdout.write(`Wrote docs/api/: ${(await writeReports(root, join(root, 'docs/api'))).join(', ')}\n`);
}
