import assert from 'node:assert/strict';
import { CodecError } from '../src/codec/error.ts';
import { readRpmDatabase } from '../src/codec/rpm-database/read.ts';

/** Lengths of what a database gives before its end, and the error there. */
export function readAll(bytes: Buffer): { readonly given: number[]; readonly code: string | undefined } {
  const given: number[] = [];
  try {
    for (const blob of readRpmDatabase(bytes)) given.push(blob.length);
  } catch (error) {
    assert.ok(error instanceof CodecError, String(error));
    return { given, code: error.code };
  }
  return { given, code: undefined };
}
