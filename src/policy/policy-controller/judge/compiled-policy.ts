import type { CompiledPolicy } from '../../compile.ts';
import type { CompiledAuthority } from '../authority/compile-authority.ts';
import type { MatchResource } from '../document/cluster-image-policy/model.ts';
import type { ImageGlob } from '../images/glob.ts';

/** A policy of policy-controller whose parts are compiled. */
export interface CompiledImagePolicy {
  readonly name: string;
  readonly mode: 'deny' | 'warn';
  readonly globs: readonly ImageGlob[];
  readonly match: readonly MatchResource[];
  readonly authorities: readonly CompiledAuthority[];
  /** What those of the authorities that are not static ask of an image; undefined where there are none. */
  readonly imagePolicy: CompiledPolicy | undefined;
}
