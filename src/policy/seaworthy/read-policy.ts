import { dirname, resolve } from 'node:path';
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

/** A text that holds one policy, or a part of one, in each of its documents. */
export interface PolicySource {
  /** The path of the text, from whose folder on relative paths count; mistakes name it. */
  readonly file: string;
  readonly text: string;
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
      /** Says where a part of the policy stands, by names of members and numbers of entries: `['signers', 0, 'keys', 1]`. */
      readonly mistakeAt: (path: ConfigPath, sentence: string) => PolicyMistake;
    }
  | { readonly policy?: undefined; readonly mistakes: readonly PolicyMistake[] };

/** A document that was read. */
interface ReadDocument {
  readonly file: string;
  readonly root: YamlNode;
  readonly given: GivenPolicy;
}

type Tell = (file: string, root: YamlNode | undefined, finding: Finding) => void;

/**
 * Reads policies in the form `seaworthy.dev/v1alpha1`: all documents of all texts make one. Nothing is read from disk; files with keys
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
  for (const { path, sentence } of checkPolicy(joined.policy)) mistakes.push(joined.mistakeAt(path, sentence));
  return mistakes.length > 0 ? { mistakes: inOrder(sources, mistakes) } : joined;
}

async function readSource(
  { file, text }: PolicySource,
  mistakes: PolicyMistake[],
  tell: Tell,
): Promise<ReadDocument[]> {
  const { documents, mistakes: broken } = await parseYamlDocuments(text);
  mistakes.push(...broken.map((mistake) => ({ ...mistake, path: '', file })));
  const written = documents.filter((node) => node.kind !== 'scalar' || node.text !== undefined);
  if (written.length === 0 && broken.length === 0)
    tell(file, undefined, { path: [], sentence: 'This holds no policy' });
  if (written.length > policyLimits.documents) {
    tell(file, undefined, { path: [], sentence: `This holds more than ${policyLimits.documents} documents` });
    return [];
  }
  const { documentSchema, policyJsonSchema } = await import('./document/schema.ts');
  const schema = documentSchema(dirname(resolve(file)));
  // An alias was told of as such; that there is no value then is no second mistake.
  const told = new Set(broken.map(placeKey));
  return written.flatMap((root): ReadDocument[] => {
    if (root.kind !== 'mapping') {
      tell(file, root, { path: [], sentence: 'A policy takes names with values' });
      return [];
    }
    const result = schema.safeParse(plainValue(root));
    if (result.success) return [{ file, root, given: result.data }];
    const json = policyJsonSchema();
    for (const finding of result.error.issues.flatMap((issue) => explainIssue(issue, [], root, json))) {
      const node = nodeAt(root, finding.path);
      if (node === undefined || !told.has(placeKey(node))) tell(file, root, finding);
    }
    return [];
  });
}

function join(documents: readonly ReadDocument[], tell: Tell): Extract<PolicyReading, { mistakes?: undefined }> {
  const unknown = oneOf('unknown', documents, tell);
  const exceptionHelp = oneOf('exceptionHelp', documents, tell);
  return {
    policy: {
      rules: documents.flatMap(({ given }) => given.rules),
      signers: documents.flatMap(({ given }) => given.signers),
      exceptions: documents.flatMap(({ given }) => given.exceptions),
      unknown: unknown ?? 'deny',
      ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
    },
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
      const { file, root } = documents[which] as ReadDocument;
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
