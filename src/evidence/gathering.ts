import type { Signer } from '../policy/model.ts';
import { Attachments } from './attached/attachments.ts';
import type { Wish } from './attached/attached-to.ts';
import type { SignatureContext } from './context.ts';
import type { Looked } from './looked.ts';
import { type CompiledSigner, compileSigner } from './signer/compile-signer.ts';

/** What all looks of one gathering share, so that nothing is read or compiled twice, however many signers and rules there are. */
export class Gathering {
  readonly attachments: Attachments;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly observe: (looked: Looked) => void;
  readonly #trust: SignatureContext['trust'];
  readonly #compiled = new Map<Signer, CompiledSigner>();

  constructor(context: SignatureContext, signal: AbortSignal) {
    this.attachments = new Attachments(context, signal);
    this.now = context.now;
    this.signal = signal;
    this.observe = context.observe ?? (() => undefined);
    this.#trust = context.trust;
  }

  /** @throws SigningError as {@link compileSigner} */
  compile(signer: Signer): CompiledSigner {
    const known = this.#compiled.get(signer);
    if (known !== undefined) return known;
    const compiled = compileSigner(signer, this.#trust);
    this.#compiled.set(signer, compiled);
    return compiled;
  }
}

/** What several signers care for together. */
export function wishOf(signers: readonly CompiledSigner[]): Wish {
  return {
    layouts: new Set(signers.flatMap(({ layouts }) => [...layouts])),
    tagPrefixes: new Set(signers.filter(({ layouts }) => layouts.has('legacy')).map(({ tagPrefix }) => tagPrefix)),
  };
}
