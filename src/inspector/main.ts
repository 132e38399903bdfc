/**
 * The inspector page. It takes rings, handles and logs, and shows their contents. Its Content Security Policy forbids
 * every request.
 */
import './no-eval.ts';
import { type AuditReport, diagnose } from '../audit/index.ts';
import { systemClock } from '../handle/index.ts';
import type { Ring } from '../keys/index.ts';
import { isHandle, LONGEST_HANDLE } from '../scan/index.ts';
import { counted } from '../scan/words.ts';
import { readExpectations } from './handle/expectations.ts';
import { fieldsOfForm, prepareForm, showFields, showProblems } from './handle/form.ts';
import { showDiagnosis } from './handle/handle-view.ts';
import { classify, LONGEST_TEXT } from './intake.ts';
import { type Log, MOST_READ, readLogs } from './log/log-read.ts';
import { showReport } from './log/report-view.ts';
import { FULL_RING, readRing, showRing } from './ring-view.ts';
import { byId, fill } from './ui/dom.ts';
import { showTab, wireTabs } from './ui/tabs.ts';

const message = byId('message', HTMLElement);
const handleField = byId('handle', HTMLTextAreaElement);
const handleNote = byId('handle-note', HTMLElement);
const logStatus = byId('log-status', HTMLElement);

let ring: Ring | undefined;
let logs: readonly Log[] = [];
let diagnosing = 0;
let reading = new AbortController();

/** The sort of text that a field is for. Undefined if the text did not come through a field for rings or logs. */
type Meant = 'ring' | 'log' | undefined;
const MEANT: Readonly<Record<string, Meant>> = { 'ring-text': 'ring', 'ring-file': 'ring', 'log-text': 'log', 'log-files': 'log' };

// Taking input

/** Takes a text that was pasted or dropped. @param meant the sort of text that the field is for */
async function receive(text: string, meant?: Meant, name = 'pasted text'): Promise<void> {
  const intake = classify(text);
  switch (intake.type) {
    case 'ring':
      return useRing(await readRing(intake.text));
    case 'full ring':
      return fill(message, FULL_RING);
    case 'log':
      return useLogs([{ name, blob: new Blob([text]) }]);
    case 'handle':
      if (meant === 'log') return useLogs([{ name, blob: new Blob([text]) }]);
      // A text in the field for rings may be a secret, even if it is no valid ring. So it is not shown as a handle.
      if (meant === 'ring' && !isHandle(intake.handle)) return useRing(await readRing(text));
      return useHandle(
        intake.handle,
        intake.among ? 'The page found this handle in a longer text, and left out the rest of the text.' : '',
      );
  }
}

/** Takes each ring by itself, and all other files together as logs. A single other file may also be a handle. */
async function receiveFiles(files: readonly File[], meant?: Meant): Promise<void> {
  const others: { readonly file: File; readonly text: string | undefined }[] = [];
  for (const file of files) {
    const text = file.size <= LONGEST_TEXT ? await file.text() : undefined;
    if (text !== undefined && classify(text).type.endsWith('ring')) await receive(text);
    else others.push({ file, text });
  }
  const [first] = others;
  if (others.length === 1 && first?.text !== undefined) await receive(first.text, meant, first.file.name);
  else if (others.length > 0) await useLogs(others.map(({ file }) => ({ name: file.name, blob: file })));
}

async function useRing(given: Ring | string | undefined): Promise<void> {
  if (typeof given === 'string') return fill(message, given);
  ring = given;
  await Promise.all([diagnoseHandle(), logs.length > 0 && readAll()]);
}

async function useHandle(handle: string, note: string): Promise<void> {
  if (handle.length > LONGEST_HANDLE) {
    const [size, most] = [handle.length, LONGEST_HANDLE].map((length) => counted(length, 'character'));
    return fill(message, `The text has ${size}, and contains no handle. A handle has at most ${most}.`);
  }
  showTab('handle');
  handleField.value = handle;
  fill(handleNote, note);
  await diagnoseHandle();
}

async function useLogs(given: readonly Log[]): Promise<void> {
  showTab('log');
  logs = given;
  await readAll();
}

// Showing results

async function diagnoseHandle(): Promise<void> {
  const turn = ++diagnosing;
  const view = byId('view-handle', HTMLElement);
  view.setAttribute('aria-busy', 'true');
  const { expected, problems } = await readExpectations(fieldsOfForm(), systemClock());
  const handle = handleField.value.trim();
  const diagnosis = handle === '' ? undefined : await diagnose(handle, { ...expected, ring });
  // If a newer diagnosis has begun, this result is out of date.
  if (turn !== diagnosing) return;
  showProblems(problems);
  showRing(ring, expected.now);
  showDiagnosis(diagnosis, expected);
  view.setAttribute('aria-busy', 'false');
}

async function readAll(): Promise<void> {
  reading.abort();
  const turn = new AbortController();
  reading = turn;
  const [progress, bar] = [byId('log-progress', HTMLElement), byId('log-bar', HTMLProgressElement)];
  bar.value = 0;
  progress.hidden = false;
  fill(logStatus, 'Reading.');
  const names = logs.map(({ name }) => name);
  try {
    const { report, stoppedIn } = await readLogs(logs, {
      ring,
      callerField: byId('caller-field', HTMLInputElement).value.trim() || undefined,
      now: systemClock(),
      signal: turn.signal,
      onProgress: (share) => {
        bar.value = share;
      },
    });
    // If the user has given another log or ring, this report is out of date.
    if (turn !== reading) return;
    const numbers = `${counted(report.tasks.length, 'task')}, ${counted(report.findings.length, 'finding')}.`;
    const left =
      stoppedIn !== undefined &&
      ` The page reads at most ${MOST_READ / 1_048_576} MiB, and stopped within ${stoppedIn}. The report covers only the part before. waxseal audit reads everything.`;
    fill(logStatus, `Read ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}: ${numbers}`, left);
    showReport(byId('report', HTMLElement), report);
  } catch {
    if (turn === reading) fill(logStatus, `${names.join(', ')} could not be read. Check that the file still exists.`);
  }
  if (turn === reading) progress.hidden = true;
}

// Listening for input

/**
 * Takes pasted text before the browser inserts it. So a ring never appears in a field, and every text reaches the right
 * field.
 */
function wirePasting(): void {
  document.addEventListener('paste', (event) => {
    const { target } = event;
    const text = event.clipboardData?.getData('text') ?? '';
    const { type } = classify(text);
    const isRing = type.endsWith('ring');
    // If the user pastes into a one-line field, or edits a part of a handle, the browser itself inserts the text.
    const isEdited = target instanceof HTMLInputElement || (target === handleField && type === 'handle' && !isAllSelected(handleField));
    if (type === 'nothing' || (isEdited && !isRing)) return;
    event.preventDefault();
    fill(message);
    receive(text, target instanceof Element ? MEANT[target.id] : undefined);
  });
  for (const id of ['ring-text', 'log-text'] as const) {
    const field = byId(id, HTMLTextAreaElement);
    // The event `change` comes when somebody has finished typing, or a program has inserted a text.
    field.addEventListener('change', () => {
      const text = field.value;
      field.value = '';
      fill(message);
      receive(text, MEANT[id]);
    });
  }
}

/** Tells whether the whole text of a field is selected. For an empty field, the answer is true. */
function isAllSelected({ selectionStart, selectionEnd, value }: HTMLTextAreaElement): boolean {
  return selectionEnd - selectionStart === value.length;
}

function wireFiles(): void {
  for (const id of ['ring-file', 'log-files']) {
    const input = byId(id, HTMLInputElement);
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      input.value = '';
      fill(message);
      receiveFiles(files, MEANT[id]);
    });
  }
  // Without this listener, the browser would leave the page and open the dropped file.
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    fill(message);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) receiveFiles(files);
    else receive(event.dataTransfer?.getData('text') ?? '');
  });
}

function wireHandle(): void {
  handleField.addEventListener('input', () => {
    fill(handleNote);
    const text = handleField.value;
    // Somebody may type a ring into this field, perhaps line by line.
    if (classify(text).type.endsWith('ring')) {
      handleField.value = '';
      receive(text);
    }
    diagnoseHandle();
  });
  byId('expectations', HTMLElement).addEventListener('input', () => {
    showFields();
    diagnoseHandle();
  });
}

/**
 * Shows a message if this browser lacks the cryptography that the page needs. Without the message, every ring would
 * seem broken.
 */
async function checkBrowser(): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) {
    return fill(
      message,
      'This browser allows cryptography only on secure pages. Open this page over https, on this machine, or from a file.',
    );
  }
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  } catch {
    fill(message, 'This browser does not support Ed25519, so it cannot verify handles. Use a newer browser.');
  }
}

/** Shows the report that `waxseal audit --html` has written into the page. */
function showEmbeddedReport(): void {
  const text = byId('embedded-report', HTMLScriptElement).textContent;
  if (text === '') return;
  byId('log-intake', HTMLElement).hidden = true;
  fill(logStatus, 'This is a report of waxseal audit. It contains fingerprints, but no keys and no handles.');
  showReport(byId('report', HTMLElement), JSON.parse(text) as AuditReport);
  showTab('log');
}

wireTabs();
wirePasting();
wireFiles();
wireHandle();
prepareForm();
byId('log-stop', HTMLButtonElement).addEventListener('click', () => reading.abort());
byId('ring-forget', HTMLButtonElement).addEventListener('click', async () => {
  await useRing(undefined);
  byId('ring-text', HTMLElement).focus();
});
byId('caller-field', HTMLInputElement).addEventListener('change', () => {
  if (logs.length > 0) readAll();
});
diagnoseHandle();
showEmbeddedReport();
checkBrowser();
