import type { Digest } from '../oci/digest.ts';
import type { AttestationCheck, BySigner, Evidence, Gathered, VerifiedAttestation } from '../policy/evidence.ts';
import type { Signer } from '../policy/model.ts';
import type { AttestationRequirement } from '../policy/requirements.ts';
import { VerificationError } from '../signing/verify/verification-error.ts';
import { type Gathering, wishOf } from './gathering.ts';
import { type Counted, judge } from './judge.ts';
import { gathered } from './look.ts';
import { observeJudged } from './observe-judged.ts';
import { whyNot } from './why.ts';

/** Looks for statements about an image, or about an index that names it. */
export async function gatherAttestations(
  gathering: Gathering,
  digests: readonly Digest[],
  wanted: readonly AttestationRequirement[],
  signerOf: (name: string) => Signer,
): Promise<NonNullable<Evidence['attestations']>> {
  const byType: Record<string, BySigner<AttestationCheck>> = {};
  for (const { predicateType, signers } of wanted) {
    const checks: Record<string, Gathered<AttestationCheck>> = {};
    for (const name of signers) {
      const look = (): Promise<AttestationCheck | undefined> =>
        check(gathering, digests, signerOf(name), predicateType);
      checks[name] = await gathered(gathering.now, gathering.signal, look);
    }
    byType[predicateType] = checks;
  }
  return byType;
}

/** What a signer stated about one digest, and why other statements do not count. */
export interface Statements {
  readonly counted: readonly Counted[];
  readonly refused: string | undefined;
}

/** Looks for all statements of a type that a signer made. @throws SigningError when it could not be told */
export async function findStatements(
  gathering: Gathering,
  digest: Digest,
  signer: Signer,
  predicateType: string,
): Promise<Statements> {
  const { attachments, now, signal } = gathering;
  const compiled = gathering.compile(signer);
  // One statement that is not seen might be the one that breaks a rule.
  if (compiled.unready !== undefined) throw compiled.unready;
  const attached = attachments.to(digest, compiled.repository);
  const { found, problems } = await attached.attestations(wishOf([compiled]));
  const { observe } = gathering;
  const about = { signer: signer.name, predicateType, digest, repository: attached.place };
  observe({ ...about, kind: 'place', found: found.length, unreadable: problems.map(({ message }) => message) });
  const counted: Counted[] = [];
  const failures: VerificationError[] = [];
  for (const one of found) {
    signal.throwIfAborted();
    const wanted = { kind: 'attestation', predicateType } as const;
    const judged = await judge(one, attached, digest, compiled, wanted, new Date(now()));
    observeJudged(observe, about, one, judged);
    if (judged instanceof VerificationError) failures.push(judged);
    else if (judged !== undefined) counted.push(judged);
  }
  return { counted, refused: whyNot('statement', failures, problems, counted.length) };
}

async function check(
  gathering: Gathering,
  digests: readonly Digest[],
  signer: Signer,
  predicateType: string,
): Promise<AttestationCheck | undefined> {
  const verified: VerifiedAttestation[] = [];
  let refused: string | undefined;
  for (const digest of digests) {
    const found = await findStatements(gathering, digest, signer, predicateType);
    verified.push(...found.counted.map(statedBy));
    refused ??= found.refused;
  }
  if (verified.length === 0 && refused === undefined) return undefined;
  return { verified, ...(refused === undefined ? {} : { refused }) };
}

function statedBy({ by, verified }: Counted): VerifiedAttestation {
  const predicate = verified !== undefined && 'statement' in verified ? verified.statement.predicate : undefined;
  const vouched = verified !== undefined && verified.logs.length + verified.timestamps.length > 0;
  const earliest = Math.min(...(verified?.times ?? []).map((time) => time.getTime()));
  return { by, predicate, ...(vouched && Number.isFinite(earliest) ? { signedAt: earliest } : {}) };
}
