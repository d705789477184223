import { VerificationError } from '../signing/verify/verification-error.ts';
import type { Found } from './attached/part.ts';
import type { Judged } from './judge.ts';
import type { Looked } from './looked.ts';
import { reasonOf } from './why.ts';

/** Tells whoever explains what came of judging something; what is no matter of a signer is not told. */
export function observeJudged(
  observe: (looked: Looked) => void,
  about: Pick<Looked, 'signer' | 'predicateType' | 'digest' | 'repository'>,
  { manifest, layout }: Pick<Found, 'manifest' | 'layout'>,
  judged: Judged,
): void {
  if (judged === undefined) return;
  const what = judged instanceof VerificationError ? { why: reasonOf(judged) } : { by: judged.by };
  observe({ ...about, kind: 'judged', manifest, layout, ...what });
}
