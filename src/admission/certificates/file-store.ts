import { randomBytes } from 'node:crypto';
import { link, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import { formatCertificateState, parseCertificateState } from './state-text.ts';
import type { CertificateStore } from './store.ts';

const named = /^certificates\.(\d{1,15})\.json$/;

/**
 * Keeps certificates in a folder that only this user reads. Each state is a file of its own under the next number, and gets its name
 * only when it is whole: of two writers one has the number, and a kill leaves the state before.
 */
export function openFileStore(folder: string): CertificateStore {
  return {
    async read() {
      const newest = (await numbersIn(folder)).at(-1);
      if (newest === undefined) return undefined;
      const bytes = await attempt(folder, () =>
        readCappedFile(pathOf(folder, newest), admissionLimits.certificateBytes),
      );
      const state = bytes === undefined ? undefined : parseCertificateState(bytes.toString());
      return { state, revision: String(newest) };
    },
    async write(state, ifRevision) {
      const numbers = await numbersIn(folder);
      if (String(numbers.at(-1) ?? '') !== (ifRevision ?? '')) return false;
      const next = Number(ifRevision ?? 0) + 1;
      const isKept = await attempt(folder, () => writeNew(folder, next, formatCertificateState(state)));
      if (isKept) for (const old of numbers) await rm(pathOf(folder, old), { force: true });
      return isKept;
    },
  };
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  await attempt(folder, () => makeDirectory(folder, { mode: 0o700 }));
  const names = await attempt(folder, () => readdir(folder));
  return names
    .flatMap((name) => Number(named.exec(name)?.[1] ?? []))
    .filter((n) => n > 0)
    .toSorted((a, b) => a - b);
}

/** @returns false where another writer has the number */
async function writeNew(folder: string, number: number, text: string): Promise<boolean> {
  const temporary = join(folder, `${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
    await link(temporary, pathOf(folder, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function attempt<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const sentence = `Certificates cannot be kept in ${folder} (${code}); give a folder that this user may write to`;
    throw new AdmissionError('CERTIFICATE_STORE_FAILED', sentence, { cause });
  }
}

function pathOf(folder: string, number: number): string {
  return join(folder, `certificates.${number}.json`);
}
