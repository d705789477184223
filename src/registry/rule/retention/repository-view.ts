import type { Digest } from '../../../oci/digest.ts';
import { fallbackTag } from '../../../oci/referrer.ts';
import type { ManifestSnapshot, RepositorySnapshot, TagSnapshot } from './snapshot.ts';

/** A tag, with what it names. */
export interface TagView {
  /** Its place in the list of tags. */
  readonly index: number;
  readonly tag: TagSnapshot;
  readonly manifest: ManifestView;
  /**
   * What the tag is attached to by its name, when that is in the repository: `sha256-….sig`, `.att` and `.sbom` as cosign
   * writes them, and `sha256-…` of the referrers tag schema. Such a tag goes and stays with it.
   */
  readonly attachedTo?: ManifestView;
}

/** A manifest, with what is around it in the repository. All lists are in the order of digests or tag names. */
export interface ManifestView {
  /** Its place in the list of manifests. */
  readonly index: number;
  readonly manifest: ManifestSnapshot;
  /** Tags that name it and are attached to nothing. */
  readonly tags: readonly TagView[];
  /** Tags that name it and are attached to something else. */
  readonly attachments: readonly TagView[];
  /** The indexes that list it. */
  readonly parents: readonly ManifestView[];
  /** What it is a referrer of, or attached to by a tag. */
  readonly subjects: readonly ManifestView[];
  /** What an index lists, and what is attached to this manifest. */
  readonly children: readonly ManifestView[];
  readonly referrers: readonly ManifestView[];
}

/** A repository with its links resolved, in an order that does not depend on that of the snapshot. */
export interface RepositoryView {
  readonly repository: string;
  readonly tags: readonly TagView[];
  /** Tags whose manifest is not in the snapshot: nothing is decided about them. */
  readonly lost: readonly TagSnapshot[];
  readonly manifests: readonly ManifestView[];
}

/** Most manifests have no links and one tag: empty lists are shared, since a repository may hold 100,000 of each. */
const none: readonly never[] = [];

class Node implements ManifestView {
  readonly index: number;
  readonly manifest: ManifestSnapshot;
  tags: readonly TagView[] = none;
  attachments: readonly TagView[] = none;
  parents: readonly Node[] = none;
  subjects: readonly Node[] = none;
  children: readonly Node[] = none;
  referrers: readonly Node[] = none;
  /** What subjects holds, where there are several. */
  attachedTo: Set<Node> | undefined;

  constructor(manifest: ManifestSnapshot, index: number) {
    this.manifest = manifest;
    this.index = index;
  }
}

/** Adds to a list that may be the shared empty one. */
function grow<Item>(list: readonly Item[], item: Item): readonly Item[] {
  if (list.length === 0) return [item];
  (list as Item[]).push(item);
  return list;
}

const attachmentName = /^[a-z0-9]{1,32}-[a-f0-9]{64}(?=$|\.(?:sig|att|sbom)$)/;

/** One letter of an algorithm, a hyphen, and 64 hex digits. */
const shortestAttachment = 66;

/** Resolves the links of a snapshot. Links to what is not in it are left out. */
export function viewRepository(snapshot: RepositorySnapshot): RepositoryView {
  const manifests = snapshot.manifests
    .toSorted((a, b) => compareText(a.digest, b.digest))
    .map((manifest, index) => new Node(manifest, index));
  const byDigest = new Map<Digest, Node>();
  for (const node of manifests) byDigest.set(node.manifest.digest, node);
  for (const node of manifests) link(node, byDigest);
  const sorted = snapshot.tags.toSorted((a, b) => compareText(a.name, b.name));
  const tags: TagView[] = [];
  const lost: TagSnapshot[] = [];
  let bases: ReadonlyMap<string, Node> | undefined;
  for (const tag of sorted) {
    const manifest = byDigest.get(tag.digest);
    const base = tag.name.length < shortestAttachment ? undefined : attachmentName.exec(tag.name)?.[0];
    if (manifest === undefined) {
      lost.push(tag);
      continue;
    }
    if (base !== undefined) bases ??= new Map(manifests.map((node) => [fallbackTag(node.manifest.digest), node]));
    tags.push(addTag(tag, tags.length, manifest, base === undefined ? undefined : bases?.get(base)));
  }
  return { repository: snapshot.repository, tags, lost, manifests };
}

function link(node: Node, byDigest: ReadonlyMap<Digest, Node>): void {
  const { referencedBy, subject } = node.manifest;
  if (referencedBy.length > 0) {
    for (const digest of [...new Set(referencedBy)].sort(compareText)) {
      const parent = byDigest.get(digest);
      if (parent === undefined || parent === node) continue;
      node.parents = grow(node.parents, parent);
      parent.children = grow(parent.children, node);
    }
  }
  const target = subject === undefined ? undefined : byDigest.get(subject);
  if (target !== undefined && target !== node) attach(node, target);
}

function attach(node: Node, subject: Node): void {
  node.attachedTo ??= new Set();
  if (node.attachedTo.has(subject)) return;
  node.attachedTo.add(subject);
  node.subjects = grow(node.subjects, subject);
  subject.referrers = grow(subject.referrers, node);
}

function addTag(tag: TagSnapshot, index: number, manifest: Node, subject: Node | undefined): TagView {
  if (subject === undefined || subject === manifest) {
    const view: TagView = { index, tag, manifest };
    manifest.tags = grow(manifest.tags, view);
    return view;
  }
  const view: TagView = { index, tag, manifest, attachedTo: subject };
  manifest.attachments = grow(manifest.attachments, view);
  attach(manifest, subject);
  return view;
}

/** Orders texts by their UTF-16 code units, as the databases order tags: they are ASCII. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
