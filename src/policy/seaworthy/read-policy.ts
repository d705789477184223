import { dirname, resolve } from 'node:path';
import type { ZodType } from 'zod';
import { explainIssue } from '../../codec/yaml/explain-issue.ts';
import {
  byPlace,
  type ConfigMistake,
  type ConfigPath,
  type Finding,
  formatPath,
  nodeAt,
  placeOf,
} from '../../codec/yaml/mistake.ts';
import { plainValue } from '../../codec/yaml/plain-value.ts';
import type { TextPlace } from '../../codec/yaml/text-place.ts';
import { parseYamlDocuments, type YamlNode } from '../../codec/yaml/tree.ts';
import { checkPolicy } from '../check-policy.ts';
import { policyLimits } from '../limits.ts';
import type { Policy } from '../model.ts';
import type { GivenPolicy } from './document/schema.ts';
import type { GivenImagePolicy } from './image-policy/schema.ts';
import type { ImagePolicy } from './model.ts';
import { olderPolicy } from './older-policy.ts';
import { exceptionsFrom, separate } from './separate.ts';

/** A text that holds one policy, or a part of one, in each of its documents. */
export interface PolicySource {
  /** The path of the text, from whose folder on relative paths count; mistakes name it. */
  readonly file: string;
  readonly text: string;
  /** Lines of the file before it, where it is a part of that. */
  readonly above?: number;
}

/** Something that is wrong with a policy, and where. */
export interface PolicyMistake extends ConfigMistake {
  readonly file: string;
}

/** A policy that can be used, or all that is wrong with it. */
export type PolicyReading =
  | {
      readonly policy: Policy;
      readonly mistakes?: undefined;
      /**
       * Policies that stand by themselves, by name; the policy has what is in them too. Documents of the form `ImagePolicy` are one each, those
       * of the older form one together.
       */
      readonly imagePolicies: readonly ImagePolicy[];
      /** Says where a part of the policy stands, by names of members and numbers of entries: `['signers', 0, 'keys', 1]`. */
      readonly mistakeAt: (path: ConfigPath, sentence: string) => PolicyMistake;
    }
  | { readonly policy?: undefined; readonly mistakes: readonly PolicyMistake[] };

/** A document that was read. */
interface ReadDocument {
  readonly file: string;
  readonly root: YamlNode;
  readonly given: GivenPolicy | GivenImagePolicy;
}

type Tell = (file: string, root: YamlNode | undefined, finding: Finding) => void;

/**
 * Reads policies in the forms `seaworthy.dev/v1` and `seaworthy.dev/v1alpha1`: all documents of all texts make one. Nothing is read from disk; files with keys
 * are named in the policy (`key-files.ts`).
 */
export async function readPolicy(sources: readonly PolicySource[]): Promise<PolicyReading> {
  const mistakes: PolicyMistake[] = [];
  const tell: Tell = (file, root, finding) => mistakes.push(mistakeOf(file, root, finding));
  const documents: ReadDocument[] = [];
  for (const source of sources) documents.push(...(await readSource(source, mistakes, tell)));
  // What could not be read would be missed elsewhere, which would be no second mistake.
  if (mistakes.length > 0) return { mistakes: inOrder(sources, mistakes) };
  const joined = join(documents, tell);
  const objectRules = documents.flatMap(({ given }) =>
    'objects' in given ? given.objects.map(({ name }) => name) : [],
  );
  for (const { path, sentence } of checkPolicy(joined.policy, objectRules)) {
    mistakes.push(joined.mistakeAt(path, sentence));
  }
  checkNames(documents, tell);
  if (mistakes.length > 0) return { mistakes: inOrder(sources, mistakes) };
  const { policy } = joined;
  const names = policy.rules.map(({ name }) => name);
  return { ...joined, policy: { ...policy, exceptions: exceptionsFrom(policy.exceptions, names) } };
}

async function readSource(
  { file, text, above = 0 }: PolicySource,
  mistakes: PolicyMistake[],
  tell: Tell,
): Promise<ReadDocument[]> {
  const { documents, mistakes: broken } = await parseYamlDocuments({ text, above });
  mistakes.push(...broken.map((mistake) => ({ ...mistake, path: '', file })));
  const written = documents.filter((node) => node.kind !== 'scalar' || node.text !== undefined);
  if (written.length === 0 && broken.length === 0)
    tell(file, undefined, { path: [], sentence: 'This holds no policy' });
  if (written.length > policyLimits.documents) {
    tell(file, undefined, { path: [], sentence: `This holds more than ${policyLimits.documents} documents` });
    return [];
  }
  const { documentSchema, policyJsonSchema } = await import('./document/schema.ts');
  const { imagePolicyJsonSchema, imagePolicySchema } = await import('./image-policy/schema.ts');
  const { imagePolicyValue } = await import('./image-policy/document-value.ts');
  const folder = dirname(resolve(file));
  // An alias was told of as such; that there is no value then is no second mistake.
  const told = new Set(broken.map(placeKey));
  return written.flatMap((root): ReadDocument[] => {
    if (root.kind !== 'mapping') {
      tell(file, root, { path: [], sentence: 'A policy takes names with values' });
      return [];
    }
    const isImagePolicy = isOfFormV1(root);
    const schema: ZodType<GivenPolicy | GivenImagePolicy> = isImagePolicy
      ? imagePolicySchema(folder)
      : documentSchema(folder);
    const result = schema.safeParse(isImagePolicy ? imagePolicyValue(root) : plainValue(root));
    if (result.success) return [{ file, root, given: result.data }];
    const json = isImagePolicy ? imagePolicyJsonSchema() : policyJsonSchema();
    for (const finding of result.error.issues.flatMap((issue) => explainIssue(issue, [], root, json))) {
      const node = nodeAt(root, finding.path);
      if (node === undefined || !told.has(placeKey(node))) tell(file, root, finding);
    }
    return [];
  });
}

/** Either member tells the form, so that a mistake in one of them is told of as such. */
function isOfFormV1(root: YamlNode): boolean {
  const textAt = (member: string): string | undefined => {
    const node = nodeAt(root, [member]);
    return node?.kind === 'scalar' ? node.text : undefined;
  };
  return textAt('apiVersion') === 'seaworthy.dev/v1' || textAt('kind') === 'ImagePolicy';
}

function checkNames(documents: readonly ReadDocument[], tell: Tell): void {
  const seen = new Set<string>();
  for (const { file, root, given } of documents) {
    if (!('places' in given)) continue;
    if (seen.has(given.name)) {
      const sentence = `is "${given.name}", which another policy has too; verdicts name it, so rename one`;
      tell(file, root, { path: ['metadata', 'name'], sentence });
    }
    seen.add(given.name);
  }
}

function join(documents: readonly ReadDocument[], tell: Tell): Extract<PolicyReading, { mistakes?: undefined }> {
  const unknown = oneOf('unknown', documents, tell);
  const exceptionHelp = oneOf('exceptionHelp', documents, tell);
  const policy: Policy = {
    rules: documents.flatMap(({ given }) => given.rules),
    signers: documents.flatMap(({ given }) => given.signers),
    exceptions: documents.flatMap(({ given }) => given.exceptions),
    unknown: unknown ?? 'deny',
    ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
  };
  const named = documents.flatMap(({ given }) => ('places' in given ? [separate(given, policy)] : []));
  const older = documents.filter(({ given }) => !('places' in given) && given.rules.length > 0);
  const together = olderPolicy(
    older.flatMap(({ given }) => given.rules),
    policy,
    older[0]?.file ?? '',
    named.map(({ name }) => name),
  );
  return {
    policy,
    imagePolicies: [...named, ...(together === undefined ? [] : [together])].sort((a, b) => (a.name < b.name ? -1 : 1)),
    mistakeAt(path, sentence) {
      const [part, index, ...rest] = path;
      let at = Number(index ?? 0);
      const lists = documents.map(({ given }) =>
        part === 'rules' || part === 'signers' ? given[part] : given.exceptions,
      );
      let which = lists.findIndex((list) => {
        if (at < list.length) return true;
        at -= list.length;
        return false;
      });
      if (index === undefined || which < 0) which = documents.length - 1;
      const { file, root, given } = documents[which] as ReadDocument;
      const rule = part === 'rules' && index !== undefined ? given.rules[at] : undefined;
      if ('places' in given && rule !== undefined) {
        const below = rest[0] === rule.kind ? rest.slice(1) : rest;
        return mistakeOf(file, root, { path: [...(given.places[at] ?? ['spec']), ...below], sentence });
      }
      const inside = ['spec', ...(part === undefined ? [] : [part]), ...(index === undefined ? [] : [at, ...rest])];
      return mistakeOf(file, root, { path: inside, sentence });
    },
  };
}

/** A setting of the whole policy, which several documents may give as long as they agree. */
function oneOf<Name extends 'unknown' | 'exceptionHelp'>(
  name: Name,
  documents: readonly ReadDocument[],
  tell: Tell,
): GivenPolicy[Name] | undefined {
  let value: GivenPolicy[Name] | undefined = undefined;
  for (const { file, root, given } of documents) {
    if (given[name] === undefined) continue;
    if (value === undefined) value = given[name];
    else if (value !== given[name]) {
      tell(file, root, { path: ['spec', name], sentence: 'is another than in a document before; keep one' });
    }
  }
  return value;
}

function mistakeOf(file: string, root: YamlNode | undefined, { path, sentence }: Finding): PolicyMistake {
  return { file, ...placeOf(root, path), path: formatPath(path), sentence };
}

function inOrder(sources: readonly PolicySource[], mistakes: readonly PolicyMistake[]): PolicyMistake[] {
  const order = new Map(sources.map(({ file }, index) => [file, index]));
  return mistakes.toSorted((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || byPlace(a, b));
}

function placeKey({ line, column }: TextPlace): string {
  return `${line}:${column}`;
}
