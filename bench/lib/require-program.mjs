import { run } from './run.mjs';

/** @throws {Error} if a program is not installed. The message says how to install it. */
export async function requireProgram(program, debianPackage) {
  await run('sh', ['-c', `command -v ${program}`]).catch(() => {
    throw new Error(`This bench needs ${program}. On Debian or Ubuntu: apt-get install ${debianPackage}`);
  });
}
