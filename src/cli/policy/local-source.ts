import type { ImageSource as Judged, ImageQuestion, PlatformEvidence } from '../../admission/image/model.ts';
import type { ImageFacts } from '../../finding/scan-report.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseImageConfig } from '../../oci/parse-config.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { ImageSource } from '../../oci/source.ts';
import type { Evidence, Gathered, Subject } from '../../policy/evidence.ts';
import { imageFactsOf } from '../../policy/image-facts.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import { oneSpelling } from '../../policy/resource/image-spellings.ts';
import type { ScanFindings } from './scan-findings.ts';

/** An image that is in no registry: of a daemon, or in a file. */
export interface LocalImage {
  readonly name: string;
  readonly source: ImageSource;
  /** What it is called. */
  readonly reference: Reference;
  readonly facts: ImageFacts;
}

/** Nothing is attached to an image that is in no registry, which says nothing about whether it is signed where it came from. */
const unattached: Gathered<never> = {
  state: 'unavailable',
  reason:
    'it is in no registry, where signatures and statements would be attached; push it, and judge it by its name there',
};

/** Looks at one image that is in no registry. */
export class LocalSource implements Judged {
  readonly #image: LocalImage;
  readonly #findings: ScanFindings;
  readonly #now: () => number;

  constructor(image: LocalImage, findings: ScanFindings, now: () => number) {
    this.#image = image;
    this.#findings = findings;
    this.#now = now;
  }

  readonly revision = (): string => '';

  readonly trusted = (): string => '';

  resolve(reference: Reference): Promise<Gathered<Digest>> {
    if (nameOf(reference) === nameOf(this.#image.reference)) {
      return Promise.resolve({ state: 'known', value: digestOf(this.#image), at: this.#now() });
    }
    return Promise.resolve({
      state: 'unavailable',
      reason: 'another image than the one that is judged is not looked at',
    });
  }

  async gather(
    { policy, image, gate }: Pick<ImageQuestion, 'policy' | 'image' | 'gate'>,
    signal: AbortSignal,
  ): Promise<readonly PlatformEvidence[]> {
    const { name, source, facts } = this.#image;
    const { registry, repository } = image.reference;
    const subject: Subject = {
      gate,
      registry,
      repository,
      source: `${registry}/${repository}`,
      digest: image.digest,
      platform: facts.platform,
      kind: 'image',
    };
    const { kinds, signers, attestations } = requirementsOf(policy, subject);
    const at = this.#now();
    const config = parseImageConfig(Buffer.from(JSON.stringify(facts.rawConfig)));
    const nothing = (names: readonly string[]): Readonly<Record<string, Gathered<never>>> =>
      Object.fromEntries(names.map((each) => [each, unattached]));
    const evidence: Evidence = {
      subject,
      now: at,
      image: { state: 'known', value: imageFactsOf(config), at },
      firstSeen: { state: 'unavailable', reason: 'this gate does not keep when it first saw images' },
      sbom: unattached,
      signatures: nothing(signers),
      attestations: Object.fromEntries(
        attestations.map((each) => [each.predicateType, nothing(each.signers)] as const),
      ),
      ...(kinds.has('vulnerabilities') ? { vulnerabilities: await this.#findings.findIn(name, source, signal) } : {}),
    };
    return [{ evidence }];
  }
}

/** However it is spelled. */
function nameOf(reference: Reference): string {
  return formatReference(oneSpelling(reference));
}

/** What such an image is known by: its manifest where it has one, else its config. */
function digestOf({ facts }: LocalImage): Digest {
  return facts.manifestDigest ?? facts.imageId;
}
