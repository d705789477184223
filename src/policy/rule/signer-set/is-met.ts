import { policyLimits } from '../../limits.ts';
import type { SignerChoice, SignerSet } from '../../model.ts';

/**
 * Whether so many of a set's signers count, each by a key or identity that no other one counts by.
 *
 * @param credentials of those who count, by their names
 * @param open signers of whom nothing is known: each of them may count by a credential of its own
 */
export function isMet(
  set: SignerSet,
  credentials: ReadonlyMap<string, readonly string[]>,
  open: ReadonlySet<string> = new Set(),
): boolean {
  const tree = prune(set, credentials, open);
  if (tree === undefined) return false;
  return set.distinct === false || assign(tree);
}

/** What could count at all, with a credential or without the need for one. */
type Node =
  | { readonly kind: 'leaf'; readonly credentials: readonly string[] }
  /** Somebody who is not known: whatever they count by is their own. */
  | { readonly kind: 'free' }
  | { readonly kind: 'set'; readonly atLeast: number; readonly choices: readonly Node[] };

/** Leaves out who cannot count, and sets of which too few are left. */
function prune(
  choice: SignerChoice,
  credentials: ReadonlyMap<string, readonly string[]>,
  open: ReadonlySet<string>,
): Node | undefined {
  if (typeof choice === 'string') {
    if (open.has(choice)) return { kind: 'free' };
    const own = credentials.get(choice);
    return own === undefined ? undefined : { kind: 'leaf', credentials: [...new Set(own)].sort() };
  }
  const choices = distinctChoices(choice)
    .map((each) => prune(each, credentials, open))
    .filter((each) => each !== undefined);
  return choices.length < choice.atLeast ? undefined : { kind: 'set', atLeast: choice.atLeast, choices };
}

/** A name that is written twice is still one; sets are each their own. In an order that does not hang on how they are written. */
function distinctChoices({ signers }: SignerSet): readonly SignerChoice[] {
  const names = new Set(signers.filter((each) => typeof each === 'string'));
  const sets = signers.filter((each) => typeof each !== 'string');
  const inOrder = sets.map((each) => [sortKey(each), each] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return [...[...names].sort(), ...inOrder.map(([, each]) => each)];
}

function sortKey(choice: SignerChoice): string {
  return typeof choice === 'string'
    ? JSON.stringify(choice)
    : `[${choice.atLeast},${choice.signers.map(sortKey).sort().join()}]`;
}

function assign(tree: Node): boolean {
  if (tree.kind !== 'set') return true;
  const leaves = tree.choices.filter((each) => each.kind === 'leaf');
  const free = tree.choices.filter((each) => each.kind === 'free').length;
  if (leaves.length + free < tree.choices.length) return new Search(tree).succeeds();
  return countDistinct(leaves.map((each) => each.credentials)) + free >= tree.atLeast;
}

/**
 * The most signers that can each be given a credential of its own: a matching that grows by augmenting paths (Kuhn's method), small
 * enough for the few dozen that there may be.
 */
function countDistinct(credentials: readonly (readonly string[])[]): number {
  const holder = new Map<string, number>();
  const place = (signer: number, tried: Set<string>): boolean => {
    for (const credential of credentials[signer] ?? []) {
      if (tried.has(credential)) continue;
      tried.add(credential);
      const other = holder.get(credential);
      if (other === undefined || place(other, tried)) {
        holder.set(credential, signer);
        return true;
      }
    }
    return false;
  };
  return credentials.filter((_, signer) => place(signer, new Set())).length;
}

/**
 * Looks for a way to give credentials to signers of sets within sets. There is no quick way for all of them, so that it takes so many
 * steps and no more; what was not found by then does not count. Whoever has a credential that nobody else has takes that one at once,
 * and then there is nothing to look for.
 */
class Search {
  readonly #tree: Node;
  readonly #holders: ReadonlyMap<string, number>;
  readonly #taken = new Set<string>();
  #steps = 0;

  constructor(tree: Node) {
    this.#tree = tree;
    const holders = new Map<string, number>();
    for (const credential of credentialsOf(tree)) holders.set(credential, (holders.get(credential) ?? 0) + 1);
    this.#holders = holders;
  }

  succeeds(): boolean {
    return this.#satisfy(this.#tree, () => true);
  }

  #satisfy(node: Node, then: () => boolean): boolean {
    this.#steps += 1;
    if (this.#steps > policyLimits.signerSteps) return false;
    if (node.kind === 'free') return then();
    if (node.kind === 'set') return this.#some(node.choices, 0, node.atLeast, then);
    if (node.credentials.some((each) => this.#holders.get(each) === 1)) return then();
    return node.credentials.some((each) => {
      if (this.#taken.has(each)) return false;
      this.#taken.add(each);
      const found = then();
      this.#taken.delete(each);
      return found;
    });
  }

  #some(choices: readonly Node[], from: number, wanted: number, then: () => boolean): boolean {
    if (wanted === 0) return then();
    const choice = choices[from];
    if (choice === undefined || choices.length - from < wanted) return false;
    return (
      this.#satisfy(choice, () => this.#some(choices, from + 1, wanted - 1, then)) ||
      this.#some(choices, from + 1, wanted, then)
    );
  }
}

/** Of each leaf, so that what two of them have is there twice. */
function credentialsOf(node: Node): readonly string[] {
  if (node.kind === 'free') return [];
  return node.kind === 'leaf' ? node.credentials : node.choices.flatMap(credentialsOf);
}
