import { manifestLimits } from './limits.ts';
import type { Manifest } from './manifest.ts';
import { readManifest } from './read-manifest.ts';
import { isTemplate, looksLikeManifest, mayBeManifest } from './recognize.ts';
import { type Comment, commentsWith } from './yaml/comments.ts';
import type { PlacedNode } from './yaml/node.ts';
import { parsePlaced } from './yaml/parse.ts';
import { splitText, type TextPart } from './yaml/split.ts';

/** What a file of manifests holds. */
export interface ManifestFile {
  readonly manifests: readonly Manifest[];
  /** The documents that could be read, for what is said by the lines that they have. */
  readonly roots: readonly PlacedNode[];
  /** Those that speak of what is set aside. */
  readonly comments: readonly Comment[];
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
}

/** What comments that set something aside hold. */
const ignoreWord = /(?:trivy|tfsec|seaworthy):ignore:/i;

/** Reads a text; undefined where nothing in it is an object of Kubernetes, or looks as if it should be one. */
export function readManifests(text: string): ManifestFile | undefined {
  if (!mayBeManifest(text)) return undefined;
  if (looksLikeManifest(text) && isTemplate(text)) return unread([chartSentence]);
  const parts = splitText(text, manifestLimits.documents);
  if (parts === undefined)
    return unread([`This holds more than ${manifestLimits.documents} documents; split the file`]);
  const manifests: Manifest[] = [];
  const roots: PlacedNode[] = [];
  const comments: Comment[] = [];
  const problems: string[] = [];
  let isOurs = false;
  for (const part of parts) {
    const parsed = parsePlaced(part.text, part.above);
    if ('sentence' in parsed) {
      isOurs ||= looksLikeManifest(part.text);
      problems.push(describeUnreadable(part, parsed.line, parsed.sentence));
      continue;
    }
    for (const root of parsed.documents) {
      roots.push(root);
      const found = collect(root, undefined, 0, manifests, problems);
      isOurs ||= found;
    }
    for (const comment of commentsWith(ignoreWord, { ...part, text: parsed.text }, parsed.spans)) {
      if (comments.length >= manifestLimits.ignores) {
        problems.push(
          `Comments from line ${comment.line} on set nothing aside: this holds more than ${manifestLimits.ignores}`,
        );
        break;
      }
      comments.push(comment);
    }
  }
  return isOurs ? { manifests, roots, comments, problems: [...new Set(problems)] } : undefined;
}

function unread(problems: readonly string[]): ManifestFile {
  return { manifests: [], roots: [], comments: [], problems };
}

const chartSentence =
  'This is a template of a Helm chart, and charts are not rendered here; run "helm template" and check what it writes';

function describeUnreadable(part: TextPart, line: number, sentence: string): string {
  if (part.text.includes('{{')) return chartSentence;
  return `Line ${line} cannot be read: ${sentence}`;
}

/** Adds the objects of a document, which are several where it is a list. @returns whether it is one of Kubernetes */
function collect(
  node: PlacedNode,
  given: { readonly apiVersion: string; readonly kind: string } | undefined,
  depth: number,
  manifests: Manifest[],
  problems: string[],
): boolean {
  const manifest = readManifest(node, given);
  if (manifest === undefined) return false;
  const items = manifest.kind.endsWith('List') ? manifest.root.entries.get('items')?.value : undefined;
  if (items?.kind !== 'list') {
    if (manifests.length < manifestLimits.objects) manifests.push(manifest);
    else problems.push(`This holds more than ${manifestLimits.objects} objects; split the file`);
    return true;
  }
  if (depth >= manifestLimits.lists) {
    problems.push(`Line ${node.lines.start} cannot be read: lists are inside each other too deep`);
    return true;
  }
  // A list of one kind need not say of each what it is (API conventions, "Lists").
  const kind = manifest.kind.slice(0, -'List'.length);
  const each = kind === '' ? undefined : { apiVersion: manifest.apiVersion, kind };
  for (const item of items.items) {
    if (collect(item, each, depth + 1, manifests, problems)) continue;
    problems.push(`Line ${item.lines.start} cannot be read: what is in a list says neither apiVersion nor kind`);
  }
  return true;
}
