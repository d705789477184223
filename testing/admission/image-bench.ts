import { ImageJudge, type ImageJudgeParts, type JudgedBy } from '../../src/admission/image/image-judge.ts';
import { imageLimits } from '../../src/admission/image/limits.ts';
import type { ImageQuestion, ImageSource } from '../../src/admission/image/model.ts';
import type { PullAccess } from '../../src/workload/credentials/pull-access.ts';
import type { VerdictStore } from '../../src/admission/verdict-cache/model.ts';
import { type Digest, parseDigest } from '../../src/oci/digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts';
import type { Gathered, SignatureCheck } from '../../src/policy/evidence.ts';
import { manualClock } from '../manual-clock.ts';

/** When clocks of benches stand at first. */
export const start: number = Date.UTC(2026, 0, 1);
export const digest: Digest = parseDigest(`sha256:${'a'.repeat(64)}`);
export const access: PullAccess = { plainHttp: false, secrets: [], providers: [], podSecrets: [] };
export const policy: CompiledPolicy = compilePolicy({
  rules: [{ kind: 'signatures', name: 'signed', action: 'deny', signers: ['release'], atLeast: 1 }],
  signers: [{ name: 'release', keys: [{ pem: 'x' }], identities: [] }],
  exceptions: [],
  unknown: 'deny',
});

/** The same, which asks for flaws as well: of those, benches know none. */
export const flawless: CompiledPolicy = compilePolicy({
  ...policy.policy,
  rules: [...policy.policy.rules, { kind: 'vulnerabilities', name: 'flawless', action: 'deny' }],
});

export const signed: Gathered<SignatureCheck> = { state: 'known', at: start, value: { verified: true, by: ['key'] } };
export const unsigned: Gathered<SignatureCheck> = { state: 'known', at: start, value: { verified: false, why: 'no' } };
export const down: Gathered<SignatureCheck> = { state: 'unavailable', reason: 'it did not answer' };

/** What is asked of an image that nobody has judged. */
export function question(parts: Partial<ImageQuestion> = {}): ImageQuestion {
  const image = { reference: parseReference('ghcr.io/org/app:1'), digest };
  return { policy, image, gate: 'admission', pins: true, access, ...parts };
}

/** A judge whose images are what the test says. */
export interface Bench {
  readonly clock: ReturnType<typeof manualClock>;
  readonly asked: unknown[];
  readonly seen: JudgedBy[];
  readonly judge: ImageJudge;
  answer: Gathered<SignatureCheck>;
  revision: string;
  database: string;
  /** Holds answers back until it is called. */
  hold: Promise<void> | undefined;
}

/** Makes a {@link Bench}. */
export function bench(store?: VerdictStore): Bench {
  const clock = manualClock(start);
  const made: Omit<Bench, 'judge'> = {
    clock,
    asked: [],
    seen: [],
    answer: signed,
    revision: '1',
    database: 'a',
    hold: undefined,
  };
  const source: ImageSource = {
    revision: () => `${made.revision} ${made.database}`,
    trusted: () => made.revision,
    resolve: () => Promise.reject(new Error('not asked here')),
    gather: async (asked) => {
      made.asked.push(asked);
      await made.hold;
      const { digest: of, reference } = asked.image;
      const subject = {
        gate: asked.gate,
        repository: reference.repository,
        source: 's',
        digest: of,
        kind: 'image',
      } as const;
      const now = clock.now();
      const vulnerabilities = { state: 'known', at: now, value: { findings: [], incomplete: [] } } as const;
      return [{ evidence: { subject, now, vulnerabilities, signatures: { release: made.answer } } }];
    },
  };
  const parts: ImageJudgeParts = {
    source,
    clock,
    times: imageLimits,
    observe: (how) => void made.seen.push(how),
    ...(store === undefined ? {} : { store }),
  };
  return Object.assign(made, { judge: new ImageJudge(parts) });
}
