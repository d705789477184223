import { parseStrictJson } from '../../codec/json/parse.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import type { EnvelopeContent, MessageContent, LogEntry } from '../entity.ts';
import { signingLimits } from '../limits.ts';
import type { Digest, LoggedVerifier } from './body/body.ts';
import { readLogAnswer } from './check-answer.ts';
import { parseEntryKind } from './entry-body.ts';
import { asHex, bytesIn, hexIn, integerIn, listIn, malformed, objectIn, textIn } from './fields.ts';
import type { LoggedSubject } from './match-body.ts';
import { proposeDsse, proposeHashedRekord, proposeIntoto } from './rekor-v1-proposal.ts';
import type { ServiceAnswer } from '../service.ts';
import { askLog, brokenContract, type LogService } from './service.ts';

/** What to log, and as which kind of entry. */
export type RekorV1Submission = { readonly verifier: LoggedVerifier } & (
  | {
      readonly kind: 'hashedrekord';
      readonly content: MessageContent;
      /** Of the artifact, in the algorithm that was signed with. */
      readonly digest: Digest;
    }
  | { readonly kind: 'dsse' | 'intoto'; readonly content: EnvelopeContent }
);

const path = 'api/v1/log/entries';

/**
 * Has a signature logged by Rekor v1 (its OpenAPI description, `createLogEntry`). An entry that is there already is
 * fetched. The answer is sure to be about what was sent; that the log holds it is for a verification to check.
 *
 * @throws SigningError SERVICE_UNAVAILABLE, SERVICE_REFUSED, SERVICE_PROTOCOL
 */
export async function submitToRekorV1(service: LogService, submission: RekorV1Submission): Promise<LogEntry> {
  let answer = await askLog(service, { path, json: proposalFor(submission), accepted: [201, 409] });
  if (answer.status === 409) {
    answer = await askLog(service, { path: `${path}/${existing(service, answer)}`, accepted: [200] });
  }
  const { body } = answer;
  return readLogAnswer(service.baseUrl, subjectOf(submission), () => readAnswer(body));
}

function proposalFor(submission: RekorV1Submission): JsonObject {
  const { verifier } = submission;
  if (submission.kind === 'hashedrekord') return proposeHashedRekord(submission.content, submission.digest, verifier);
  const propose = submission.kind === 'dsse' ? proposeDsse : proposeIntoto;
  return propose(submission.content, verifier);
}

function subjectOf(submission: RekorV1Submission): LoggedSubject {
  const { content, verifier } = submission;
  if (submission.kind !== 'hashedrekord') return { content, verifier };
  const { algorithm, value } = submission.digest;
  return { content, verifier, artifactDigest: (asked) => (asked === algorithm ? value : undefined) };
}

/** Which entry is equivalent: its id ends the address that the log refers to, or the log's message. */
function existing({ baseUrl }: LogService, { headers, body }: ServiceAnswer): string {
  const id = /(?:^|[/ ])([0-9a-f]{80}|[0-9a-f]{64})\/?$/;
  const found = id.exec(headers.get('location') ?? '') ?? id.exec(messageOf(body));
  if (found?.[1] === undefined) throw brokenContract(baseUrl, 'has this entry already but does not say which it is');
  return found[1];
}

function messageOf(body: Buffer): string {
  try {
    return textIn(asObject(parseStrictJson(body), 'it', malformed), 'message');
  } catch {
    return '';
  }
}

/** One entry by its id: `{"<uuid>": {body, integratedTime, logID, logIndex, verification}}`. */
function readAnswer(bytes: Buffer): LogEntry {
  const entries = Object.values(asObject(parseStrictJson(bytes), 'it', malformed));
  if (entries.length !== 1) throw malformed('it is not one entry');
  const entry = asObject(entries[0], 'it', malformed);
  const verification = objectIn(entry, 'verification');
  const proof = objectIn(verification, 'inclusionProof');
  const body = bytesIn(entry, 'body');
  return {
    logIndex: integerIn(entry, 'logIndex'),
    logId: hexIn(entry, 'logID'),
    ...parseEntryKind(body),
    integratedTime: integerIn(entry, 'integratedTime'),
    promise: bytesIn(verification, 'signedEntryTimestamp'),
    proof: {
      logIndex: integerIn(proof, 'logIndex'),
      treeSize: integerIn(proof, 'treeSize'),
      rootHash: hexIn(proof, 'rootHash'),
      hashes: listIn(proof, 'hashes', signingLimits.proofHashes).map((hash) => asHex(hash, 'a hash')),
      checkpoint: textIn(proof, 'checkpoint'),
    },
    body,
  };
}
