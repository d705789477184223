import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import type { CompiledPolicy } from '../compile.ts';
import type { Evidence, Gathered } from '../evidence.ts';
import type { Verdict } from '../verdict.ts';
import type { LabelSelector } from '../kyverno/document/match/model.ts';
import type { ResourceImage } from './images.ts';
import type { ResourceOperation, ResourceSubject } from './model.ts';

/** A policy about objects of a cluster, of any dialect, ready to judge; made once, and used for any number of objects. */
export interface ResourcePolicy {
  /** Told in every verdict, and unique: `check-images`, and `team/check-images` for a policy of a namespace. */
  readonly id: string;
  readonly dialect: 'seaworthy' | 'kyverno' | 'kyverno-cel' | 'policy-controller';
  /** SHA-256 of what it means, in hexadecimal. */
  readonly hash: string;
  /** What becomes of an object where a rule could not be decided (`failurePolicy`). */
  readonly unknown: 'deny' | 'allow';
  /** Whether it is asked when objects come, and when what is there is looked over. */
  readonly admission: boolean;
  readonly background: boolean;
  /** Milliseconds that its answer may take, where it says. */
  readonly timeout?: number;
  /** Whether the first rule that is about an object is the only one. */
  readonly firstRuleOnly: boolean;
  /** Conditions for the API server itself, which then does not ask at all (Kubernetes, `matchConditions`). */
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  /** Namespaces that it is about, for whoever registers it; its rules heed it themselves. All when left out. */
  readonly namespaceSelector?: LabelSelector;
  readonly rules: readonly ResourceRule[];
}

/** A rule about objects, ready to judge. */
export interface ResourceRule {
  readonly name: string;
  /**
   * Kinds that it may be about, for whoever registers it: `apps/v1/Deployment`, `/v1/Pod`, with `/subresource` where it is about one. Any
   * part may be a pattern: a star for a group that it does not name.
   */
  readonly kinds: readonly string[];
  /** What it may be about, for whoever registers it; `CREATE` and `UPDATE` where it is absent. */
  readonly operations?: readonly Exclude<ResourceOperation, 'audit'>[];
  /** False where it never asks for an image to be called by its digest; it may where this is absent. */
  readonly pins?: boolean;
  /** Whether its text speaks of images; absent where that is not known. */
  readonly mentionsImages?: boolean;
  /** True where it hangs on who asks: where nobody is known to ask, it is about whoever that may be. */
  readonly users?: true;
  /** Pure and total: the same answer for the same input. */
  readonly judge: (input: ResourceInput) => RuleAnswer;
}

/** All that is known of an object at one time. */
export interface ResourceInput {
  readonly subject: ResourceSubject;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the gate puts digests into the object where rules ask for that. */
  readonly pins: boolean;
  /** What was looked up for rules that asked for it, by {@link Lookup.key}. */
  readonly lookups: ReadonlyMap<string, Gathered<JsonValue>>;
  /** What came of judging images for rules that asked for it, by {@link ImageCheck.key}. */
  readonly images: ReadonlyMap<string, Gathered<ImageAnswer>>;
}

/** What a rule says of an object. */
export type RuleAnswer =
  | { readonly kind: 'notAbout' }
  /** It can tell when it knows these. A gate that looks them up and asks again hears more. */
  | { readonly kind: 'needs'; readonly lookups: readonly Lookup[]; readonly images: readonly ImageCheck[] }
  | RuleDecision;

/** What a rule decided. */
export interface RuleDecision {
  readonly kind: 'decided';
  /** `skipped` by what the policy says itself; `undecided` where something could not be looked at or computed. */
  readonly outcome: ResourceOutcome;
  /** What becomes of an object that fails. */
  readonly action: 'deny' | 'warn' | 'audit';
  /** For people; empty when it passed. */
  readonly message: string;
  /** Of the images that it looked at; none where it is about the object alone. */
  readonly images: readonly ImageResult[];
  /** What whoever asks is to know although nothing is wrong: which images nobody verified, since the rule leaves them out. */
  readonly notes?: readonly string[];
  /** What the policy wants written down about it, by names of its own. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How a rule ends for an object, or for one of its images. */
export type ResourceOutcome = 'passed' | 'failed' | 'skipped' | 'undecided';

/** What a rule says of one image of an object. */
export interface ImageResult {
  readonly image: ResourceImage;
  /** As the dialect writes it in messages: `ghcr.io/org/app:1.2`. */
  readonly name: string;
  readonly outcome: ResourceOutcome;
  /** For people; empty when it passed. */
  readonly message: string;
  /** The digest that it was verified by; absent when it was not looked up. */
  readonly digest?: Digest;
  /** What the image is to be called instead, by its digest: `ghcr.io/org/app:1.2@sha256:…`; absent when it may stay as it is. */
  readonly pinned?: string;
}

/** Something that a rule needs to know and that is no image's. What is not there is `absent`. */
export type Lookup = {
  /** The same for the same question. */
  readonly key: string;
} &
  /** Texts by their names. */
  (
    | { readonly kind: 'namespaceLabels'; readonly namespace: string }
    /** `{ roles, clusterRoles }`: lists of those that are bound to whoever asks, the former as `namespace:name`. */
    | { readonly kind: 'roles' }
    /** The object, as the API server gives it. */
    | { readonly kind: 'configMap'; readonly namespace: string; readonly name: string }
    /** What the API server answers when it is asked for this path, which may have a query; nothing else is ever asked. */
    | { readonly kind: 'api'; readonly path: string }
    /** What is kept under this name for all policies. */
    | { readonly kind: 'globalReference'; readonly name: string }
    /**
     * `{ image, resolvedImage, registry, repository, identifier, manifest, configData }`: the name as it is asked for and by its digest, the
     * parts of the name, and the documents.
     */
    | { readonly kind: 'imageData'; readonly reference: string; readonly access: RegistryAccess }
  );

/** An image that a rule has judged by a policy about images. */
export interface ImageCheck {
  /** The same for the same question: the image as it is written, the policy, and whatever of the context counts. */
  readonly key: string;
  /** What to pull, with its registry, as the object means it: `ghcr.io/org/app:1.2`. */
  readonly reference: string;
  readonly policy: CompiledPolicy;
  /** Besides what the gate has anyway. */
  readonly access: RegistryAccess;
  /** For conditions on statements; absent where none of them uses it. */
  readonly context?: JsonObject;
  /** Whether the answer is to bring what is known of the image, for whoever looks into its statements. */
  readonly wantsEvidence?: true;
  /** Whether what was verified before says nothing, so that the image is verified anew. */
  readonly anew?: true;
}

/** How a policy says that registries are to be reached. */
export type RegistryAccess = Omit<PullAccess, 'podSecrets'>;

/** What came of judging an image. */
export interface ImageAnswer {
  /** What its name stood for when it was looked up, once for all policies. */
  readonly digest: Digest;
  readonly verdict: Verdict;
  /** What is known of each of its manifests that were looked at; there where the check wants it. */
  readonly evidence?: readonly Evidence[];
  /** What whoever asks is to know of how it was judged, whatever came of it: that its registry could not be asked. One sentence. */
  readonly note?: string;
}
