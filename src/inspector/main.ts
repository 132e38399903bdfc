/** The inspector page: what is given to it, and where that goes. Nothing leaves it; its policy sees to that. */
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
import { type Log, readLogs } from './log/log-read.ts';
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

/** Where something was given, if that says what it is meant to be. */
type Meant = 'ring' | 'log' | undefined;
const MEANT: Readonly<Record<string, Meant>> = { 'ring-text': 'ring', 'ring-file': 'ring', 'log-text': 'log', 'log-files': 'log' };

// What was given

/** Takes a text, wherever it was pasted or dropped. */
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
      // What is no ring, but was taken for one, may be secret all the same.
      if (meant === 'ring' && !isHandle(intake.handle)) return useRing(await readRing(text));
      return useHandle(intake.handle, intake.among ? 'Found in the text that was given; the rest of it was left out.' : '');
  }
}

/** Takes files: rings for themselves, all others together. */
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
    return fill(message, `That has ${size}, and no handle in it; at most ${most} are read as one handle.`);
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

// What becomes of it

async function diagnoseHandle(): Promise<void> {
  const turn = ++diagnosing;
  const view = byId('view-handle', HTMLElement);
  view.setAttribute('aria-busy', 'true');
  const { expected, problems } = await readExpectations(fieldsOfForm(), systemClock());
  const handle = handleField.value.trim();
  const diagnosis = handle === '' ? undefined : await diagnose(handle, { ...expected, ring });
  // Another may have been asked for meanwhile.
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
    const { report, unread } = await readLogs(logs, {
      ring,
      callerField: byId('caller-field', HTMLInputElement).value.trim() || undefined,
      now: systemClock(),
      signal: turn.signal,
      onProgress: (share) => {
        bar.value = share;
      },
    });
    // Another log, or another ring, may have been given meanwhile.
    if (turn !== reading) return;
    const numbers = `${counted(report.tasks.length, 'task')}, ${counted(report.findings.length, 'finding')}.`;
    const left = unread > 0 && ` ${counted(unread, 'byte')} were not read: this is about what stands before them.`;
    fill(logStatus, `Read ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}: ${numbers}`, left);
    showReport(byId('report', HTMLElement), report);
  } catch {
    if (turn === reading) fill(logStatus, `${names.join(', ')} could not be read. Is it still there?`);
  }
  if (turn === reading) progress.hidden = true;
}

// Where it comes from

/** A ring is taken before it stands in any field, and so is what belongs into another one. */
function wirePasting(): void {
  document.addEventListener('paste', (event) => {
    const { target } = event;
    const text = event.clipboardData?.getData('text') ?? '';
    const { type } = classify(text);
    const isRing = type.endsWith('ring');
    // What is pasted into a short field, or into a handle that stands there, is edited by the browser.
    const isEdited = target instanceof HTMLInputElement || (target === handleField && type === 'handle' && !isAllSelected(handleField));
    if (type === 'nothing' || (isEdited && !isRing)) return;
    event.preventDefault();
    fill(message);
    receive(text, target instanceof Element ? MEANT[target.id] : undefined);
  });
  for (const id of ['ring-text', 'log-text'] as const) {
    const field = byId(id, HTMLTextAreaElement);
    // What is typed, or put in by a program, is taken when it is complete.
    field.addEventListener('change', () => {
      const text = field.value;
      field.value = '';
      fill(message);
      receive(text, MEANT[id]);
    });
  }
}

/** Also where it is empty. */
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
  // Otherwise the browser would leave the page for the file.
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
    // A ring that is typed, or put in by a program, perhaps line by line.
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

/** Says so where this browser cannot do what the page needs, instead of calling every ring broken. */
async function checkBrowser(): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) {
    return fill(
      message,
      'This browser gives its cryptography to secure pages only. Open this page over https, on this machine, or from a file.',
    );
  }
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  } catch {
    fill(message, 'This browser has no Ed25519 and cannot verify handles. A newer one can.');
  }
}

/** `waxseal audit --html` writes its report into the page. */
function showEmbeddedReport(): void {
  const text = byId('embedded-report', HTMLScriptElement).textContent;
  if (text === '') return;
  byId('log-intake', HTMLElement).hidden = true;
  fill(logStatus, 'The report of waxseal audit. It has no keys and no handles in it, only their fingerprints.');
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
