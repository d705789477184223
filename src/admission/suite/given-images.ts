import { createHash } from 'node:crypto';
import type { Clock } from '../../net/clock.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type {
  BySigner,
  Evidence,
  Gathered,
  SignatureCheck,
  Subject,
  VulnerabilityFacts,
} from '../../policy/evidence.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import { judgePlatforms } from '../image/combine.ts';
import type { ImageQuestion } from '../image/model.ts';
import type { ResourceJudgeParts } from '../resource/judge-resource.ts';
import type { GivenImage } from './document/model.ts';
import { checkGiven, whoSigned } from './given-signatures.ts';

type ImageParts = Pick<ResourceJudgeParts, 'names' | 'images'>;

interface Known {
  readonly given: GivenImage;
  readonly digest: Digest;
}

/**
 * Images as a suite knows them. Of what it does not say, nothing is known, unless there is somebody else to ask.
 *
 * @throws OciError REFERENCE_INVALID for a name of an image that is none
 */
export function givenImages(images: readonly GivenImage[], clock: Clock, otherwise?: ImageParts): ImageParts {
  const byName = new Map<string, Known>();
  const byDigest = new Map<string, Known>();
  for (const given of images) {
    const reference = parseReference(given.image);
    const digest = given.digest ?? reference.digest ?? madeUp(given.image);
    const known: Known = { given, digest };
    byName.set(nameKey(reference), known);
    byDigest.set(digestKey(reference, digest), known);
  }
  return {
    names: {
      resolve(reference, access, signal) {
        const known = byName.get(nameKey(reference));
        if (known?.given.absent === true) return Promise.resolve({ state: 'absent', at: clock.now() });
        const digest = reference.digest ?? known?.digest;
        if (digest !== undefined && (known !== undefined || otherwise === undefined)) {
          return Promise.resolve({ state: 'known', value: digest, at: clock.now() });
        }
        return otherwise?.names.resolve(reference, access, signal) ?? Promise.resolve(notGiven(reference));
      },
    },
    images: {
      async judge(question, signal) {
        const { image } = question;
        const known = byDigest.get(digestKey(image.reference, image.digest));
        if (known === undefined && otherwise !== undefined) return await otherwise.images.judge(question, signal);
        const evidence = evidenceOf(question, known?.given, clock.now());
        return { digest: image.digest, verdict: judgePlatforms(question, [{ evidence }], clock.now()) };
      },
    },
  };
}

function nameKey(reference: Reference): string {
  return formatReference(reference);
}

function digestKey({ registry, repository }: Reference, digest: string): string {
  return `${registry}/${repository}@${digest}`;
}

/** The same for the same name, and of no content. */
function madeUp(image: string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(image).digest('hex')}`);
}

function notGiven(reference: Reference): Extract<Gathered<never>, { readonly state: 'unavailable' }> {
  return {
    state: 'unavailable',
    reason: `the test says nothing of the image ${formatReference(reference)}; add it to images`,
  };
}

function evidenceOf({ policy, image, gate }: ImageQuestion, given: GivenImage | undefined, now: number): Evidence {
  const { registry, repository } = image.reference;
  const source = `${registry}/${repository}`;
  const subject: Subject = { gate, registry, repository, source, digest: image.digest, kind: 'image' };
  const { signers, sbomSigners, attestations } = requirementsOf(policy, subject);
  const whole = notGiven(image.reference);
  const told = <Value>(what: string, value: Value | undefined): Gathered<Value> =>
    given === undefined
      ? whole
      : value === undefined
        ? { state: 'unavailable', reason: `the test does not give the ${what} of the image ${given.image}` }
        : { state: 'known', value, at: now };
  const by = <Value>(names: readonly string[], of: (name: string) => Gathered<Value>): BySigner<Value> =>
    Object.fromEntries(names.map((name) => [name, of(name)]));
  const signerOf = (name: string) =>
    policy.policy.signers.find((each) => each.name === name) ?? { name, keys: [], identities: [] };
  const config = given?.config;
  return {
    subject,
    now,
    image: told('config', config === undefined ? undefined : { labels: {}, ...config }),
    vulnerabilities: told<VulnerabilityFacts>('vulnerabilities', undefined),
    firstSeen: told<number>('time of first sight', undefined),
    signatures: by<SignatureCheck>(signers, (name) =>
      told('signatures', given?.signatures && checkGiven(signerOf(name), given.signatures)),
    ),
    sbom: told(
      'sboms',
      given?.sboms?.map(({ format, signatures = [] }, at) => ({
        format,
        digest: madeUp(`${given.image} ${at}`),
        signatures: by<SignatureCheck>(sbomSigners, (name) =>
          told('signatures', checkGiven(signerOf(name), signatures)),
        ),
      })),
    ),
    attestations: Object.fromEntries(
      attestations.map(({ predicateType, signers: names }) => [
        predicateType,
        by(names, (name) =>
          told(
            'attestations',
            given?.attestations && {
              verified: given.attestations
                .filter((each) => each.predicateType === predicateType)
                .flatMap(({ predicate, signatures, signedAt }) =>
                  signatures.flatMap((each) => {
                    const who = whoSigned(signerOf(name), each);
                    return who === undefined
                      ? []
                      : [{ predicate, by: who, ...(signedAt === undefined ? {} : { signedAt }) }];
                  }),
                ),
            },
          ),
        ),
      ]),
    ),
  };
}
