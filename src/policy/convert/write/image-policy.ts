import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import type { PolicyException, Rule, RuleAction, UnknownAction } from '../../model.ts';
import type { ClusterMatch, ObjectRule } from '../../seaworthy/model.ts';
import type { ImagePolicyDraft } from '../model.ts';
import { writtenDuration } from './duration.ts';
import { writtenCheck } from './object-check.ts';
import { present } from './present.ts';
import { writtenRequirement } from './requirement.ts';
import { writtenSigner } from './signer.ts';

/** What becomes of an image that breaks a rule, in the words of the form. */
const enforcements: Readonly<Record<RuleAction, string>> = { deny: 'enforce', warn: 'warn', audit: 'audit' };

/** Members of the spec by the kinds of rules, in the order of documents; of those that are no lists, a document has one. */
const members = [
  ['signatures', 'signatures', true],
  ['attestation', 'attestations', true],
  ['sbom', 'sbom', true],
  ['vulnerabilities', 'vulnerabilities', true],
  ['source', 'sources', false],
  ['digest', 'digest', false],
  ['age', 'age', false],
  ['endOfLife', 'endOfLife', false],
  ['config', 'config', false],
  ['expression', 'rules', true],
] as const satisfies readonly (readonly [Rule['kind'], string, boolean])[];

/** Kinds of rules of which a document has one at most. */
export const singleKinds: ReadonlySet<Rule['kind']> = new Set(
  members.flatMap(([kind, , isList]) => (isList ? [] : [kind])),
);

/**
 * Writes a policy as a document of the form `seaworthy.dev/v1`: what `readPolicy` makes of it judges as the policy does. It has one rule at
 * most of the {@link singleKinds}.
 *
 * @param fileName gives the path of a file with a key as it is to be written
 */
export function writeImagePolicy(draft: ImagePolicyDraft, fileName: (path: string) => string): JsonObject {
  const { name, annotations, labels, match, policy, objects = [] } = draft;
  const { rules, signers, exceptions, exceptionHelp } = policy;
  const action = (rules[0] ?? objects[0])?.action ?? 'deny';
  const unknown = (rules[0] ?? objects[0])?.unknown ?? policy.unknown;
  const spec = present({
    ...writtenScope(draft),
    match: Object.keys(match).length === 0 ? undefined : writtenMatch(match),
    enforcement: action === 'deny' ? undefined : enforcements[action],
    unknown: unknown === 'deny' ? undefined : unknown,
    exceptionHelp,
    signers: signers.length === 0 ? undefined : signers.map((signer) => writtenSigner(signer, fileName)),
    ...writtenRules(rules, action, unknown, policy.unknown),
    ...writtenObjects(objects, action, unknown),
    exceptions: exceptions.length === 0 ? undefined : exceptions.map(writtenException),
  });
  return {
    apiVersion: 'seaworthy.dev/v1',
    kind: 'ImagePolicy',
    metadata: present({
      name,
      labels: labels,
      annotations: annotations,
    }),
    spec,
  };
}

/** The names that the rules of a draft have in its document. */
export function ruleNamesOf({ policy, objects = [] }: Pick<ImagePolicyDraft, 'policy' | 'objects'>): readonly string[] {
  const named = (name: string, member: string, at: number): string =>
    name === '' ? (at === 0 ? member : `${member}-${at + 1}`) : name;
  return [
    ...members.flatMap(([kind, member]) =>
      policy.rules.filter((rule) => rule.kind === kind).map((rule, at) => named(rule.name, member, at)),
    ),
    ...objects.map((rule, at) => named(rule.name, 'objects', at)),
  ];
}

function writtenScope({ scope }: ImagePolicyDraft): Readonly<Record<string, JsonValue | undefined>> {
  const json = (value: unknown): JsonValue | undefined => value as JsonValue | undefined;
  return {
    images: json(scope.sources),
    exceptImages: json(scope.exceptSources),
    repositories: json(scope.repositories),
    exceptRepositories: json(scope.exceptRepositories),
    references: json(scope.references),
    exceptReferences: json(scope.exceptReferences),
    tags: json(scope.tags),
    platforms: json(scope.platforms),
    gates: json(scope.gates),
  };
}

function writtenMatch({ timeout, ...match }: ClusterMatch): JsonObject {
  return { ...match, ...(timeout === undefined ? {} : { timeout: writtenDuration(timeout) }) } as unknown as JsonObject;
}

function writtenRules(
  rules: readonly Rule[],
  action: RuleAction,
  unknown: UnknownAction,
  usual: UnknownAction,
): Readonly<Record<string, JsonValue>> {
  const written: Record<string, JsonValue> = {};
  for (const [kind, member, isList] of members) {
    const own = rules.filter((rule) => rule.kind === kind);
    const list = own.map((rule, at) => {
      const short = at === 0 ? member : `${member}-${at + 1}`;
      return present({
        name: rule.name === '' || rule.name === short ? undefined : rule.name,
        ...writtenRequirement(rule),
        enforcement: rule.action === action ? undefined : enforcements[rule.action],
        unknown: (rule.unknown ?? usual) === unknown ? undefined : (rule.unknown ?? usual),
        help: rule.help,
      });
    });
    const [first] = list;
    if (first !== undefined) written[member] = isList ? list : first;
  }
  return written;
}

function writtenObjects(
  objects: readonly ObjectRule[],
  action: RuleAction,
  unknown: UnknownAction,
): Readonly<Record<string, JsonValue>> {
  if (objects.length === 0) return {};
  return {
    objects: objects.map((rule, at) =>
      present({
        name: rule.name === '' || (at === 0 && rule.name === 'objects') ? undefined : rule.name,
        ...writtenCheck(rule.check),
        enforcement: rule.action === action ? undefined : enforcements[rule.action],
        unknown: rule.unknown === unknown ? undefined : rule.unknown,
        help: rule.help,
      }),
    ),
  };
}

function writtenException({ until, ...rest }: PolicyException): JsonObject {
  return { ...rest, until: new Date(until).toISOString() } as unknown as JsonObject;
}
