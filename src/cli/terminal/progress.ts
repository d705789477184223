import type { Progress, ProgressTask } from '../../base/progress.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { displayWidth, splitGraphemes } from '../../report/text/display-width.ts';
import { formatBytes } from './format-bytes.ts';

/** The terminal that shows progress. */
export interface ProgressTerminal {
  /** Writes to it, in order. */
  write(text: string): void;
  /** Its present width in cells. */
  columns(): number;
  /** Milliseconds that only grow. */
  now(): number;
}

/** A progress that can give the line to others. */
export interface TerminalProgress extends Progress {
  /** Empties the status line, for other output; it comes back with the next step of a task. */
  clear(): void;
}

/** Least milliseconds between two drawings: a person reads no faster, and terminals are slow. */
const interval = 100;

/** Back to the line's beginning, and erase it (ECMA-48 §8.3.41, EL 2). */
const eraseLine = '\r\u001B[2K';

interface RunningTask {
  readonly label: string;
  readonly total: number | undefined;
  readonly unit: 'bytes' | 'items';
  done: number;
}

/** Shows all running tasks on one line that is drawn over and over, and leaves nothing behind. */
export function openTerminalProgress(terminal: ProgressTerminal): TerminalProgress {
  const running = new Set<RunningTask>();
  let drawn = false;
  let drawnAt = Number.NEGATIVE_INFINITY;

  const clear = (): void => {
    if (drawn) terminal.write(eraseLine);
    drawn = false;
  };
  const draw = (): void => {
    const now = terminal.now();
    if (now - drawnAt < interval) return;
    drawnAt = now;
    // One cell less: a full line makes some terminals begin a new one.
    const line = layLine([...running].map(describe), terminal.columns() - 1);
    terminal.write(eraseLine + line);
    drawn = true;
  };

  return {
    clear,
    start(label, { total, unit = 'items' } = {}): ProgressTask {
      const task: RunningTask = { label: cleanText(label), total, unit, done: 0 };
      running.add(task);
      draw();
      return {
        advance(amount) {
          task.done += amount;
          if (running.has(task)) draw();
        },
        finish() {
          running.delete(task);
          if (running.size === 0) clear();
          else draw();
        },
      };
    },
  };
}

function describe({ label, total, unit, done }: RunningTask): string {
  const amount = unit === 'bytes' ? formatBytes : String;
  if (total === undefined) return done === 0 ? label : `${label} ${amount(done)}`;
  const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 100;
  return `${label} ${amount(done)}/${amount(total)} ${percent}%`;
}

/** As many tasks as fit, the first at least in part, and the number of the others. */
function layLine(tasks: readonly string[], width: number): string {
  let line = '';
  for (const [index, task] of tasks.entries()) {
    const left = tasks.length - index;
    const next = index === 0 ? task : `${line} · ${task}`;
    const room = left > 1 ? width - ` · +${left - 1}`.length : width;
    if (displayWidth(next) > room && index > 0) return `${line} · +${left}`;
    line = next;
  }
  return cutTo(line, width);
}

function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const kept: string[] = [];
  let used = 0;
  for (const grapheme of splitGraphemes(text)) {
    used += displayWidth(grapheme);
    if (used > width - 1) break;
    kept.push(grapheme);
  }
  return width > 0 ? `${kept.join('')}…` : '';
}
