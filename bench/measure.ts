import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one run of a program cost. */
export interface Cost {
  /** Wall time, in milliseconds. */
  readonly wall: number;
  /** Peak resident memory of the process itself, in MiB; NaN where the system does not tell. */
  readonly memory: number;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Its own standard input is empty. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly discard?: boolean } = {},
): Promise<Cost> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const stdout = options.discard === true ? 'ignore' : 'pipe';
    const child = spawn(command, args, { stdio: ['ignore', stdout, 'pipe'], env: { ...process.env, ...options.env } });
    let memory = Number.NaN;
    const texts = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    // The kernel keeps the high-water mark, so looking now and then misses at most the last moments.
    const watch = setInterval(() => {
      memory = peakOf(child.pid) ?? memory;
    }, 10);
    child.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
    child.on('close', (status, signal) => {
      clearInterval(watch);
      if (signal !== null) reject(new Error(`${command} was ended by ${signal}`));
      else resolve({ wall: performance.now() - started, memory, status: status ?? -1, ...texts });
    });
  });
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? undefined : Number(match[1]) / 1024;
  } catch {
    return undefined;
  }
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
