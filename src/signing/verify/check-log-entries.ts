import { CodecError } from '../../codec/error.ts';
import type { InclusionProof, LogEntry, SignedEntity } from '../entity.ts';
import { signingLimits } from '../limits.ts';
import { judgeCheckpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { countLogs } from '../log/count-logs.ts';
import { isTiled } from '../log/entry-body.ts';
import { foreignText } from '../log/foreign-text.ts';
import { logLimits } from '../log/limits.ts';
import { leafHash, rootOfPath } from '../log/merkle.ts';
import { verifyPromise } from '../log/promise.ts';
import { isWithin, type LogInstance } from '../trust/trust-material.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

/** How far the clock here may be behind that of a log. */
const leewayMs = 60_000;

/** What every entry of a signature must bring: a log's promise, or a proof with the checkpoint that it leads to. */
export type LogEvidence = 'promise' | 'proof';

/** Entries, and whom to believe. */
export interface LogEntryQuestion {
  readonly entries: readonly LogEntry[];
  readonly logs: readonly LogInstance[];
  /** How many different logs must vouch for the signature. */
  readonly threshold: number;
  readonly evidence: LogEvidence;
  /** Entries are not taken later than this, give or take {@link leewayMs}. */
  readonly now?: Date;
}

/** An entry that a trusted log vouches for. What it is about is not checked here. */
export interface VerifiedLogEntry {
  readonly entry: LogEntry;
  /** Its window is where the times of the signature must lie when the log tells none. */
  readonly log: LogInstance;
  /** When the log took the entry, as it signed; absent when it did not sign that. */
  readonly time?: Date;
  /** Whether a promise, and whether a proof up to a signed checkpoint, was there and held. */
  readonly promised: boolean;
  readonly proven: boolean;
}

/** What the format of a signature demands: bundles of version 0.1 and older layouts a promise, later ones a proof. */
export function evidenceFor({ format, mediaType }: Pick<SignedEntity, 'format' | 'mediaType'>): LogEvidence {
  return format === 'legacy' || mediaType === 'application/vnd.dev.sigstore.bundle+json;version=0.1'
    ? 'promise'
    : 'proof';
}

/**
 * The entries that are looked at. Where no log is asked for, one of a log that nobody trusts says nothing, and whoever signed may well
 * have meant it for others: it is passed over, as if it were not there. Others must hold even then.
 */
export function entriesThatCount(
  entries: readonly LogEntry[],
  {
    logs: threshold,
    trust: { logs },
  }: { readonly logs: number; readonly trust: { readonly logs: readonly LogInstance[] } },
): readonly LogEntry[] {
  return threshold > 0 ? entries : entries.filter(({ logId }) => logs.some((log) => log.logId.equals(logId)));
}

/**
 * Step 2 of a verification: each entry is held by a trusted log, by its promise (signed entry timestamp) and by its proof
 * (RFC 6962, 2.1.1) up to a checkpoint that the log signed (C2SP tlog-checkpoint). What is there must hold, wanted or not.
 * The time of an entry counts only when it is signed. Of one log many entries count as one (CVE-2026-49834).
 *
 * @throws VerificationError
 */
export function checkLogEntries(question: LogEntryQuestion): VerifiedLogEntry[] {
  const { entries, threshold } = question;
  if (entries.length > signingLimits.logEntries) {
    throw failure('SIGNATURE_TOO_LARGE', 'The signature has more log entries than any honest one', {
      found: `${entries.length} entries`,
      wanted: `at most ${signingLimits.logEntries}`,
    });
  }
  const verified = entries.map((entry) => checkEntry(entry, question));
  const logs = countLogs(verified.map(({ log }) => log));
  if (logs < threshold) {
    throw failure('LOG_ENTRY_MISSING', 'Too few transparency logs vouch for the signature', {
      found: `${logs} of them`,
      wanted: `${threshold} different ones`,
    });
  }
  return verified;
}

function checkEntry(entry: LogEntry, { logs, evidence, now }: LogEntryQuestion): VerifiedLogEntry {
  const { promise, proof } = entry;
  checkNumbers(entry);
  if (evidence === 'promise' && promise === undefined) {
    throw failure('LOG_ENTRY_MISSING', 'A log entry has no promise of its log', { wanted: 'a signed entry timestamp' });
  }
  if (evidence === 'proof' && proof?.checkpoint === undefined) {
    throw failure('LOG_ENTRY_MISSING', 'A log entry has no proof of inclusion with a checkpoint', {
      wanted: 'an inclusion proof and its checkpoint',
    });
  }
  const time = promise === undefined ? undefined : new Date(Number(entry.integratedTime) * 1000);
  const log = findLog(entry, logs, time);
  if (promise !== undefined && !verifyPromise(entry, promise, log)) {
    throw failure('LOG_PROOF_WRONG', "The log's promise for an entry does not hold", {
      wanted: `signed by ${log.baseUrl}`,
    });
  }
  if (time !== undefined && now !== undefined && time.getTime() > now.getTime() + leewayMs) {
    throw failure('LOG_PROOF_WRONG', 'A log entry was taken in the future', {
      found: time.toISOString(),
      wanted: `not after ${now.toISOString()}`,
    });
  }
  if (proof !== undefined) checkProof(entry, proof, log);
  const promised = promise !== undefined;
  return { entry, log, ...(time === undefined ? {} : { time }), promised, proven: proof?.checkpoint !== undefined };
}

/** Whole numbers as a log may have them; JSON lets them be anything. */
function checkNumbers({ logIndex, integratedTime, promise, proof }: LogEntry): void {
  const numbers = [logIndex, integratedTime, ...(proof === undefined ? [] : [proof.logIndex, proof.treeSize])];
  const wrong = numbers.find((number) => number < 0n || number >= logLimits.integerEnd);
  if (wrong !== undefined) {
    throw failure('SIGNATURE_MALFORMED', 'A log entry has an impossible number', { found: String(wrong) });
  }
  // What JavaScript can tell as a date ends in the year 275760.
  if (promise !== undefined && (integratedTime === 0n || integratedTime > 8_640_000_000_000n)) {
    throw failure('LOG_PROOF_WRONG', 'A log promised an entry for no possible time', { found: String(integratedTime) });
  }
}

/** The log of the entry's id, one of those whose window holds the time when there are several. */
function findLog({ logId }: LogEntry, logs: readonly LogInstance[], time: Date | undefined): LogInstance {
  const named = logs.filter((log) => log.logId.equals(logId));
  // A log without a start is not trusted at any time.
  const candidates = named.filter(({ window }) => window.start !== undefined);
  const [first] = candidates;
  if (first === undefined) {
    throw failure('LOG_UNKNOWN', 'A log entry is of a log that is not trusted', {
      found: `log ${logId.toString('hex').slice(0, 128)}${named.length > 0 ? ', trusted from no time on' : ''}`,
      wanted: logs.map((log) => log.logId.toString('hex')).join(', '),
    });
  }
  if (time === undefined) return first;
  const log = candidates.find(({ window }) => isWithin(window, time));
  if (log === undefined) {
    const { start, end } = first.window;
    throw failure('NOT_VALID_THEN', 'A log was not trusted when it took the entry', {
      found: time.toISOString(),
      wanted: `${start?.toISOString() ?? 'never'} to ${end?.toISOString() ?? 'now'}`,
    });
  }
  return log;
}

function checkProof(entry: LogEntry, proof: InclusionProof, log: LogInstance): void {
  const tiled = isTiled(entry);
  // The index of Rekor v1 counts the trees that the log has finished; that of the proof is in one tree.
  if (tiled ? proof.logIndex !== entry.logIndex : proof.logIndex > entry.logIndex) {
    throw failure('LOG_PROOF_WRONG', 'The inclusion proof is for another entry of the log', {
      found: `index ${proof.logIndex}`,
      wanted: `${tiled ? '' : 'at most '}${entry.logIndex}`,
    });
  }
  const { logIndex: index, treeSize: size, hashes, rootHash } = proof;
  if (hashes.length > signingLimits.proofHashes) {
    throw failure('SIGNATURE_TOO_LARGE', 'An inclusion proof has too many hashes', { found: String(hashes.length) });
  }
  const root = decoding('LOG_PROOF_WRONG', () => rootOfPath({ index, size, leaf: leafHash(entry.body), hashes }));
  if (!root.equals(rootHash)) throw failure('LOG_PROOF_WRONG', 'The inclusion proof does not lead to its root');
  if (proof.checkpoint !== undefined) checkCheckpoint(proof.checkpoint, proof, log, tiled);
}

function checkCheckpoint(text: string, { rootHash, treeSize }: InclusionProof, log: LogInstance, tiled: boolean): void {
  const checkpoint = decoding('SIGNATURE_MALFORMED', () => parseCheckpoint(text));
  switch (judgeCheckpoint(checkpoint, log, tiled)) {
    case 'not-signed':
      throw failure('LOG_PROOF_WRONG', 'The checkpoint is not signed by the log of the entry', {
        found: foreignText(checkpoint.note.signatures.map(({ name }) => name).join(', ')),
        wanted: `a signature of ${log.baseUrl}`,
      });
    case 'other-origin':
      throw failure('LOG_PROOF_WRONG', 'The checkpoint is of another log', {
        found: foreignText(checkpoint.origin),
        wanted: log.baseUrl,
      });
    case 'wrong-signature':
      throw failure('LOG_PROOF_WRONG', "The log's signature of the checkpoint does not hold");
    case 'signed':
      break;
  }
  if (checkpoint.size !== treeSize || !checkpoint.rootHash.equals(rootHash)) {
    throw failure('LOG_PROOF_WRONG', 'The checkpoint is of another tree than the inclusion proof', {
      found: `${checkpoint.size} leaves, root ${checkpoint.rootHash.toString('hex')}`,
      wanted: `${treeSize} leaves, root ${rootHash.toString('hex')}`,
    });
  }
}

/** Runs a reader of bytes; what it refuses is what makes the signature fail. */
function decoding<Value>(code: VerificationErrorCode, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new VerificationError(code, cause.message, { check: 'log-entry' }, { cause });
  }
}

function failure(
  code: VerificationErrorCode,
  message: string,
  facts: { readonly found?: string; readonly wanted?: string } = {},
): VerificationError {
  return new VerificationError(code, message, { check: 'log-entry', ...facts });
}
