import { execFile } from 'node:child_process';

/** Runs a program. @returns its standard output @throws {Error} if it fails, with its standard error */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024, ...options }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} failed: ${stderr.trim() || error.message}`));
    });
  });
}
