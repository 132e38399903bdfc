import { spawn } from 'node:child_process';
import { INSPECTOR_PAGE, readInspectorPage } from '../../server/node/inspect-page.ts';

/** Says where the inspector page is, and opens it where there is something to open it with. */
export async function openInspectorPage(): Promise<void> {
  await readInspectorPage();
  process.stdout.write(`${INSPECTOR_PAGE.href}\n`);
  const [command, ...args] = opener();
  if (command === undefined) return;
  const child = spawn(command, [...args, INSPECTOR_PAGE.href], { detached: true, stdio: 'ignore' });
  // Whoever has no such program has the URL.
  child.on('error', () => {});
  child.unref();
}

/** The platform's way to open a URL; nothing where there is no screen. */
function opener(): readonly string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['explorer.exe'];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : [];
}
