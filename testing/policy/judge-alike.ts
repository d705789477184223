import * as fc from 'fast-check';
import { parseDigest } from '../../src/oci/digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { JsonObject, JsonValue } from '../../src/lang/jmespath/value.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { AttestationCheck, Gate, Gathered, SignatureCheck } from '../../src/policy/evidence.ts';
import type { Signer, SignerIdentity } from '../../src/policy/model.ts';
import { requirementsOf } from '../../src/policy/requirements.ts';
import { evaluateResource } from '../../src/policy/resource/evaluate-resource.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import type { ImageAnswer, ImageCheck, ResourceInput, ResourcePolicy } from '../../src/policy/resource/policy.ts';
import type { ResourceVerdict } from '../../src/policy/resource/verdict.ts';

/** A world in which objects are judged: everything that registries and clusters say in it hangs on a number alone. */
export interface World {
  readonly seed: number;
  readonly subject: ResourceSubject;
  readonly pins: boolean;
  readonly labels: Gathered<JsonValue>;
  /** Whether everything can be looked at. */
  readonly sure?: boolean;
}

/** A number from 0 that is the same for the same text and seed (FNV-1a). */
function pick(seed: number, text: string, many: number): number {
  let hash = 2_166_136_261 ^ seed;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) % many;
}

/** Who a signer is, whatever it is called: an identity of which a part is not said may be anybody's. */
function whoIs({ name: _name, identities, ...rest }: Signer): string {
  const part = (text: SignerIdentity['issuer']): unknown => text ?? { glob: '*' };
  const all = identities.map((each) => ({ ...each, issuer: part(each.issuer), subject: part(each.subject) }));
  const { trust = {}, ...own } = rest;
  const sorted = (value: object): unknown => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(own), sorted(trust), all.map(sorted)]);
}

const at = 0;

/** Judges an object as a gate does that looks everything up in a world. @param predicates that statements of the world make */
export function judgeIn(
  world: World,
  policies: readonly ResourcePolicy[],
  predicates: readonly JsonValue[],
): ResourceVerdict {
  const { subject, pins, labels } = world;
  const lookups = new Map<string, Gathered<JsonValue>>();
  const images = new Map<string, Gathered<ImageAnswer>>();
  const input: ResourceInput = { subject, now: Date.parse('2026-06-01T00:00:00Z'), pins, lookups, images };
  for (let round = 0; round < 10; round += 1) {
    const { verdict, needs } = evaluateResource(policies, input);
    if (verdict !== undefined) return verdict;
    for (const { key } of needs.lookups) lookups.set(key, labels);
    for (const check of needs.images) images.set(check.key, answer(check, input, world, predicates));
  }
  throw new Error('The policies want ever more');
}

function answer(
  { policy, reference }: ImageCheck,
  { subject: { operation }, pins, now }: ResourceInput,
  { seed, sure = false }: World,
  predicates: readonly JsonValue[],
): Gathered<ImageAnswer> {
  const named = parseReference(reference);
  const source = `${named.registry}/${named.repository}`;
  // A tag beside a digest is no part of the question, and hosts are the same in any case.
  const about = `${source.toLowerCase()}${named.digest === undefined ? `:${named.tag ?? ''}` : `@${named.digest}`}`;
  const kind = pick(seed, `image ${about}`, 12);
  if (kind === 0 && !sure) return { state: 'unavailable', reason: 'the registry is away' };
  if (kind === 1 && !sure) return { state: 'pending' };
  const digest = named.digest ?? parseDigest(`sha256:${pick(seed, about, 10).toString(16).repeat(64)}`);
  const gate: Gate = operation === 'audit' ? 'audit' : 'admission';
  const subject = {
    gate,
    registry: named.registry,
    repository: named.repository,
    source,
    ...(named.digest === undefined && named.tag !== undefined ? { tags: [named.tag] } : {}),
    digest,
    named: named.digest === undefined ? 'tag' : 'digest',
    pins,
    kind: 'image',
  } as const;
  const signers = new Map(policy.policy.signers.map((signer) => [signer.name, whoIs(signer)]));
  const wanted = requirementsOf(policy, subject);
  const gathered = <Value>(key: string, make: (choice: number) => Value): Gathered<Value> => {
    const choice = pick(seed, `${about} ${key}`, 8);
    if (choice === 0) return { state: 'absent', at };
    if (choice === 1 && !sure) return { state: 'unavailable', reason: 'slow' };
    return { state: 'known', value: make(choice), at };
  };
  const signatures = wanted.signers.map((name) => {
    const who = signers.get(name) ?? '';
    const check = gathered(`signature ${who}`, (choice): SignatureCheck =>
      choice < 7 ? { verified: true, by: [choice === 2 ? 'the same key' : who] } : { verified: false, why: 'bad' },
    );
    return [name, check] as const;
  });
  const attestations = wanted.attestations.map(({ predicateType, signers: names }) => {
    const own = names.map((name) => {
      const who = signers.get(name) ?? '';
      const check = gathered(`statement ${predicateType} ${who}`, (choice): AttestationCheck => {
        const count = choice % 3;
        const verified = Array.from({ length: count }, (_, index) => ({
          predicate: predicates[pick(seed, `${about} ${who} ${predicateType} ${index}`, predicates.length)] ?? null,
          by: who,
        }));
        return { verified, ...(count === 0 ? { refused: 'expired' } : {}) };
      });
      return [name, check] as const;
    });
    return [predicateType, Object.fromEntries(own)] as const;
  });
  const evidence = {
    subject,
    now,
    signatures: Object.fromEntries(signatures),
    attestations: Object.fromEntries(attestations),
  };
  return { state: 'known', value: { digest, verdict: evaluate(policy, evidence), evidence: [evidence] }, at };
}

/** What counts of a verdict, whatever its rules are called: of what is denied, that it is; of the rest, what is told, and which digests are put in. */
export function essence({ allowed, results, pins }: ResourceVerdict): object {
  if (!allowed) return { allowed };
  const broken = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided');
  const told = new Set(broken.map(({ action }) => (action === 'deny' ? 'warn' : action)));
  // Where something is broken, whether digests are put in all the same says nothing about what runs.
  const put = broken.length > 0 ? [] : pins.map(({ pointer, to }) => `${pointer} ${to.replace(/^.*@/, '')}`).sort();
  return { allowed, told: [...told].sort(), put };
}

/** A kind of objects of worlds, and how one is made of a description of a pod. */
export interface WorldKind {
  readonly kind: string;
  readonly group: string;
  readonly version?: string;
  readonly subresource?: string;
  readonly objectOf: (pod: JsonObject) => JsonObject;
}

function podsAt(kind: string, group: string, path: readonly string[]): WorldKind {
  return { kind, group, objectOf: (pod) => path.reduceRight<JsonObject>((within, name) => ({ [name]: within }), pod) };
}

/** Some that run pods. */
export const podKinds: readonly WorldKind[] = [
  podsAt('Pod', '', ['spec']),
  podsAt('Deployment', 'apps', ['spec', 'template', 'spec']),
  podsAt('StatefulSet', 'apps', ['spec', 'template', 'spec']),
  podsAt('CronJob', 'batch', ['spec', 'jobTemplate', 'spec', 'template', 'spec']),
  podsAt('ReplicationController', '', ['spec', 'template', 'spec']),
];

/** Objects in worlds. @param images that they have, before a tag or digest; @param groups which lists of containers they have; @param kinds of which they are */
export function worlds(
  images: readonly string[],
  groups: readonly ('containers' | 'initContainers' | 'ephemeralContainers')[] = ['containers', 'initContainers'],
  kinds: readonly WorldKind[] = podKinds,
): fc.Arbitrary<World> {
  const hex = 'ab'.repeat(32);
  const image = fc
    .tuple(fc.constantFrom(...images), fc.constantFrom(':1', ':dev-2', '', `@sha256:${hex}`, `:1@sha256:${hex}`))
    .map(([name, ending]) => `${name}${ending}`);
  return fc
    .record({
      seed: fc.nat(1_000_000),
      pins: fc.boolean(),
      kind: fc.constantFrom(...kinds),
      operation: fc.constantFrom('CREATE', 'UPDATE', 'audit', 'CREATE', 'DELETE'),
      namespace: fc.constantFrom('team', 'prod', 'kube-system', 'dev-1'),
      labels: fc.constantFrom<Gathered<JsonValue>>(
        { state: 'known', value: { stage: 'prod', 'policy.sigstore.dev/include': 'true' }, at },
        { state: 'known', value: {}, at },
        { state: 'unavailable', reason: 'away' },
      ),
      name: fc.constantFrom('web', 'tool-1', 'db'),
      lists: fc.record(Object.fromEntries(groups.map((group) => [group, fc.array(image, { maxLength: 2 })]))),
    })
    .map(
      ({
        kind: { kind, group, version = 'v1', subresource = '', objectOf },
        operation,
        namespace,
        name,
        lists,
        ...rest
      }): World => {
        const containers = Object.entries(lists as Readonly<Record<string, readonly string[]>>).map(([list, names]) => [
          list,
          names.map((each, index) => ({ name: `${list}-${index}`, image: each })),
        ]);
        const pod = Object.fromEntries(containers) as JsonObject;
        const object: JsonObject = { metadata: { name, namespace }, ...objectOf(pod) };
        return {
          ...rest,
          subject: {
            operation: operation,
            group,
            version,
            kind,
            subresource,
            namespace,
            name,
            object,
            ...(operation === 'UPDATE' ? { oldObject: object } : {}),
          },
        };
      },
    );
}
