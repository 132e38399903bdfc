import { toolCall } from './mcp.mjs';

const DEPTH = 2;

/** A research task as its client knows it. A call without an answer does not change it. */
export class Task {
  handle;
  previous;
  /** Whether the task was completed and read again. */
  ended = false;
  #id;
  #revision = 0;
  #status;
  #findings = [];

  constructor(number) {
    this.number = number;
    this.topic = `what became of task ${number}`;
  }

  get completed() {
    return this.#status === 'complete';
  }

  get size() {
    return this.#findings.length;
  }

  /** Returns the request of a move: `start`, `record`, `status` or `complete`. */
  request(move) {
    const { handle } = this;
    if (move === 'start') return toolCall('start_research_task', { topic: this.topic, depth: DEPTH });
    if (move === 'status') return toolCall('get_task_status', { handle });
    if (move === 'record') return toolCall('record_findings', { handle, findings: [this.#finding()] });
    return toolCall('complete_research_task', { handle, findings: [this.#finding()] });
  }

  /** Checks the result of a move, and updates the task. @returns what is wrong, or undefined */
  take(move, result) {
    const { handle, handle_info: info, status } = result;
    const reading = move === 'status';
    const findings = move === 'record' || move === 'complete' ? [...this.#findings, this.#finding()] : this.#findings;
    const expected = { start: 'running', record: 'running', complete: 'complete', status: this.#status }[move];
    if (status !== expected) return `${move}: status ${status}, not ${expected}`;
    if (info.revision !== this.#revision + (reading ? 0 : 1)) return `${move}: revision ${info.revision} after ${this.#revision}`;
    if (move !== 'start' && info.id !== this.#id) return `${move}: another task's handle`;
    if (reading !== (handle === this.handle)) return `${move}: the handle ${reading ? 'changed' : 'stayed the same'}`;
    if (reading && (result.topic !== this.topic || result.depth !== DEPTH || !isSame(result.results, findings)))
      return `${move}: not what was recorded: ${JSON.stringify(result.results).slice(0, 200)}`;
    if ((move === 'record' || move === 'complete') && result.result_count !== findings.length)
      return `${move}: ${result.result_count} findings, not ${findings.length}`;
    if (!reading) this.previous = this.handle;
    this.handle = handle;
    this.#id = info.id;
    this.#revision = info.revision;
    this.#status = status;
    this.#findings = findings;
    this.ended = reading && status === 'complete';
    return undefined;
  }

  /** The findings of all tasks differ, so that the test notices a finding in the wrong task. */
  #finding() {
    return `finding ${this.#findings.length + 1} of task ${this.number}`;
  }
}

function isSame(one, other) {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
