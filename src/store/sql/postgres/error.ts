import { DatabaseError } from 'pg';
import { errorMessage } from '../../../base/error.ts';
import { StoreError, type StoreErrorCode } from '../../error.ts';

/** SQLSTATE (PostgreSQL documentation, appendix A), or the class that its first two letters name, to what it means here. */
const states: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  '08': ['STORE_UNAVAILABLE', 'The connection to the database was lost; try again'],
  '25006': ['STORE_UNAVAILABLE', 'The database only reads; connect to the primary server'],
  '25P03': ['STORE_BUSY', 'A transaction waited for something other than its queries and was rolled back'],
  '28': ['STORE_UNAVAILABLE', 'The database refuses this user; look at its name and password'],
  '3D000': ['STORE_UNAVAILABLE', 'There is no such database; create it'],
  '40001': ['STORE_BUSY', 'Other transactions were in the way too often; try again'],
  '40P01': ['STORE_BUSY', 'Other transactions were in the way too often; try again'],
  '42501': ['STORE_UNAVAILABLE', 'The user of the database lacks a right; grant it'],
  '53100': ['STORE_FULL', 'The disk of the database is full; free some room'],
  '53': ['STORE_UNAVAILABLE', 'The database is out of memory or connections; try again'],
  '55P03': ['STORE_BUSY', 'The database waited too long for a lock; try again'],
  '57014': ['STORE_BUSY', 'The database gave up a statement that took too long; try again'],
  '57': ['STORE_UNAVAILABLE', 'The database is being stopped or started; try again'],
  '58': ['STORE_UNAVAILABLE', 'The database cannot read or write its disk; look at its log'],
  XX001: ['STORE_DAMAGED', 'The database is damaged; restore a backup'],
  XX002: ['STORE_DAMAGED', 'An index of the database is damaged; rebuild it'],
};

/** True when the transaction met others and may be tried again. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/**
 * What `pg` threw, as a StoreError where the outside is to blame. A statement that is wrong and a constraint that does not
 * hold are mistakes of the program and stay as they are. No message or cause holds one of the secrets.
 */
export function postgresError(error: unknown, secrets: readonly string[]): unknown {
  if (error instanceof StoreError) return error;
  const state = error instanceof DatabaseError ? (error.code ?? '') : undefined;
  const [code, what] = (state === undefined ? undefined : (states[state] ?? states[state.slice(0, 2)])) ?? [];
  if (code === undefined && state !== undefined) return error;
  const message = redact(errorMessage(error) || 'no reason was given', secrets);
  return new StoreError(
    code ?? 'STORE_UNAVAILABLE',
    `${what ?? 'The database cannot be reached; look at its address and whether it runs'}: ${message}`,
    { cause: new Error(state === undefined ? message : `${state} ${message}`) },
  );
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}
