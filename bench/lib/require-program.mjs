import { run } from './run.mjs';

/** @throws {Error} that says how to install a program that is not there */
export async function requireProgram(program, debianPackage) {
  await run('sh', ['-c', `command -v ${program}`]).catch(() => {
    throw new Error(`This bench needs ${program}. On Debian or Ubuntu: apt-get install ${debianPackage}`);
  });
}
