import { StoreError } from '../error.ts';
import type { AddJobOptions, JobData, QueueOptions } from './job-queue.ts';
import { jobLimits } from './limits.ts';

/**
 * Checks the name of a queue.
 *
 * @throws StoreError STORE_SETTING_INVALID
 */
export function checkQueueName(queue: string): void {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(queue) || queue.length > 50) {
    throw new StoreError('STORE_SETTING_INVALID', `A queue is named by lower-case words with - between, not ${queue}`);
  }
}

/**
 * Checks the options of a queue.
 *
 * @throws StoreError STORE_SETTING_INVALID
 */
export function checkQueueOptions({ retries, retryDelay, expiresAfter }: QueueOptions): void {
  const isWhole = [retries, retryDelay, expiresAfter].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!isWhole || retries > 1000 || expiresAfter < 1 || expiresAfter > 86_400_000) {
    throw new StoreError(
      'STORE_SETTING_INVALID',
      'Retries and times of a queue are whole numbers; retries are 1000 at most, and a job may run for a day at most',
    );
  }
}

/**
 * Writes the data of a job, and checks what it is added with.
 *
 * @throws StoreError STORE_SETTING_INVALID, LIMIT_EXCEEDED
 */
export function encodeJob(data: JobData, { key, runAt }: AddJobOptions = {}): string {
  if (key === '' || (runAt !== undefined && !Number.isSafeInteger(runAt))) {
    throw new StoreError('STORE_SETTING_INVALID', 'The key of a job is not empty, and its time whole milliseconds');
  }
  const text = JSON.stringify(data);
  if (Buffer.byteLength(text) > jobLimits.dataBytes) {
    throw new StoreError('LIMIT_EXCEEDED', `The data of a job has more than ${jobLimits.dataBytes} bytes`);
  }
  return text;
}

/** What is said of a queue that was not declared. */
export function notDeclared(queue: string): StoreError {
  return new StoreError('STORE_SETTING_INVALID', `The queue ${queue} was not declared`);
}
