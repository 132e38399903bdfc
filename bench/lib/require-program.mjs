import { run } from './run.mjs';

/** Makes sure that a program is installed. @throws {Error} that says how to install it */
export async function requireProgram(program, debianPackage) {
  await run('sh', ['-c', `command -v ${program}`]).catch(() => {
    throw new Error(`This bench needs ${program}. On Debian or Ubuntu: apt-get install ${debianPackage}`);
  });
}
