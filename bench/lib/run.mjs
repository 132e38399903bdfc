import { execFile } from 'node:child_process';

/** Runs a program to its end, and gives what it printed. @throws {Error} with what it complained of, where it failed */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024, ...options }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} failed: ${stderr.trim() || error.message}`));
    });
  });
}
