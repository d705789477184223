import type { Problem } from '../base/problem.ts';
import type { DatabaseGaps } from '../finding/database-gaps.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import type { JsonObject } from '../lang/jmespath/value.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';

/** Where a policy is asked: in a pipeline, at the registry, at the cluster, or about what is there already. */
export const gates = ['ci', 'push', 'pull', 'admission', 'audit'] as const;

/** One of {@link gates}. */
export type Gate = (typeof gates)[number];

/** What is judged: one manifest of one platform. Everything in it is known before anything is gathered. */
export interface Subject {
  readonly gate: Gate;
  /** The host of the registry that it is asked of, where there is one: `registry.example.com:5000`. */
  readonly registry?: string;
  /** As that registry names it: `team/app`, and `docker.io/library/nginx` for what comes through a cache. */
  readonly repository: string;
  /** Where it comes from, with the host: `docker.io/library/nginx`; the registry's own for what was pushed there. */
  readonly source: string;
  /** Tags that it was asked by, or has. Absent where they are not known, and then rules about tags are about it. */
  readonly tags?: readonly string[];
  /** Absent where nobody asked what its name stands for, since no rule needs to know more than its name. */
  readonly digest?: Digest;
  /** Absent where it is not known, and then rules about platforms are about it. */
  readonly platform?: Platform;
  /** Whether whoever asks names it by its digest. Absent where nobody names it: then it is. */
  readonly named?: 'tag' | 'digest';
  /** Whether the gate puts digests in where rules ask for that. */
  readonly pins?: boolean;
  /** An artifact holds nothing that could run: a signature, a bill of materials, a chart. */
  readonly kind: 'image' | 'artifact';
}

/** A subject of which it is known what its name stands for, as evidence of it is gathered. */
export type ResolvedSubject = Subject & { readonly digest: Digest };

/**
 * What was learnt of one thing. That it could not be looked at (`unavailable`), or is still being looked at (`pending`), is
 * never the same as that nothing is there (`absent`).
 */
export type Gathered<Value> =
  | {
      readonly state: 'known';
      readonly value: Value;
      /** When it was learnt, in milliseconds since 1970. */
      readonly at: number;
    }
  | { readonly state: 'absent'; readonly at: number }
  | { readonly state: 'pending' }
  | {
      readonly state: 'unavailable';
      /** For people, without a full stop: `the registry did not answer in time`. */
      readonly reason: string;
    };

/** Kinds of evidence, as gates gather them. */
export const evidenceKinds = ['image', 'firstSeen', 'vulnerabilities', 'sbom', 'signatures', 'attestations'] as const;

/** One of {@link evidenceKinds}. */
export type EvidenceKind = (typeof evidenceKinds)[number];

/**
 * All that is known of a subject at one time. Gates gather what `requirementsOf` names; what was not gathered is left out, and a rule
 * that needs it cannot be decided.
 */
export interface Evidence {
  readonly subject: Subject;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly image?: Gathered<ImageFacts>;
  /** When this digest was first seen by whoever asks, in milliseconds since 1970. */
  readonly firstSeen?: Gathered<number>;
  readonly vulnerabilities?: Gathered<VulnerabilityFacts>;
  /** Bills of materials that are attached to the image. */
  readonly sbom?: Gathered<readonly SbomFacts[]>;
  /** By the names of the policy's signers. */
  readonly signatures?: BySigner<SignatureCheck>;
  /** By predicate type, then by the names of the policy's signers. */
  readonly attestations?: Readonly<Record<string, BySigner<AttestationCheck>>>;
  /**
   * What surrounds the image: the object of a cluster that names it, and what its policy looked up. Conditions on statements may use it
   * by its members' names.
   */
  readonly context?: JsonObject;
}

/** What was learnt of each signer, by the name that the policy gives it. */
export type BySigner<Value> = Readonly<Record<string, Gathered<Value>>>;

/** What the image's own config says (OCI image-spec, config.md). */
export interface ImageFacts {
  /** Milliseconds since 1970; absent when the config does not say. Whoever built the image chose it. */
  readonly created?: number;
  /** `User`, as it stands there. */
  readonly user?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the variables that it sets; absent where nobody looked, like what follows. */
  readonly environment?: readonly string[];
  /** `8080/tcp`, as written. */
  readonly ports?: readonly string[];
  readonly healthcheck?: boolean;
}

/** What a scan found. An image that cannot be scanned at all has no findings and one problem that is `incomplete`. */
export interface VulnerabilityFacts extends DatabaseGaps {
  readonly findings: readonly FindingFacts[];
  /** Problems that may hide packages (`Problem.incomplete`), and no others. */
  readonly incomplete: readonly Problem[];
  /** When the database that was asked was built, in milliseconds since 1970. */
  readonly databaseBuiltAt?: number;
  /** Absent when the image has none. */
  readonly distribution?: DistributionFacts;
}

/** The distribution that an image's packages come from. */
export interface DistributionFacts {
  /** For people: `Debian GNU/Linux 10`. */
  readonly name: string;
  /**
   * Milliseconds since 1970: from then on its release gets no more fixes. `open` where no end is set, since it rolls on or none was
   * announced; absent when that is not known.
   */
  readonly supportEnd?: number | 'open';
}

/** What rules look at in a finding: a `VulnerabilityFinding` is one. */
export interface FindingFacts extends Pick<
  VulnerabilityFinding,
  | 'id'
  | 'aliases'
  | 'vendorIds'
  | 'fixedVersions'
  | 'status'
  | 'severity'
  | 'severitySource'
  | 'knownExploited'
  | 'epss'
> {
  readonly package: Pick<VulnerabilityFinding['package'], 'type' | 'name' | 'version' | 'purl'>;
  /** RFC 3339: when the flaw became public. */
  readonly published?: string;
  /** Milliseconds since 1970: when it first became known here that this image has the flaw. */
  readonly knownSince?: number;
}

/** What came of looking for a signer's signature. */
export type SignatureCheck =
  | {
      readonly verified: true;
      /** Each key or identity of the signer that signed: a fingerprint, a subject. Two signers with one key count once. */
      readonly by: readonly string[];
    }
  | {
      readonly verified: false;
      /** For people, without a full stop. */
      readonly why: string;
    };

/** One bill of materials. */
export interface SbomFacts {
  /** `cyclonedx` or `spdx`, or what else it calls itself. */
  readonly format: string;
  readonly digest: Digest;
  /** Who signed it, by the names of the policy's signers. */
  readonly signatures: BySigner<SignatureCheck>;
}

/** What came of looking for a signer's attestations of one predicate type. */
export interface AttestationCheck {
  /** Those whose signature holds and that are about the subject; in any order. */
  readonly verified: readonly VerifiedAttestation[];
  /** Why others do not count, for people, without a full stop; absent when there are none. */
  readonly refused?: string;
}

/** A statement of a signer about the subject. */
export interface VerifiedAttestation {
  /** As parsed from JSON. */
  readonly predicate: unknown;
  /** The key or identity that signed it: a fingerprint, a subject. */
  readonly by: string;
  /** When it was signed, where a log or a timestamp authority vouches for that: milliseconds since 1970. */
  readonly signedAt?: number;
}
