import { attestationUnconditional } from './check/attestation-unconditional.ts';
import { exceptionLong } from './check/exception-long.ts';
import { failsOpen } from './check/fails-open.ts';
import { identityAnyone } from './check/identity-anyone.ts';
import { imageDigestMissed } from './check/image-digest-missed.ts';
import { imageHostOpen } from './check/image-host-open.ts';
import { imagePrefixOpen } from './check/image-prefix-open.ts';
import { keyWeak } from './check/key-weak.ts';
import { logIgnored } from './check/log-ignored.ts';
import { neverDenies } from './check/never-denies.ts';
import { regexpHostDot } from './check/regexp-host-dot.ts';
import { regexpUnanchored } from './check/regexp-unanchored.ts';
import { skipsAll } from './check/skips-all.ts';
import { sourcesContradict } from './check/sources-contradict.ts';
import { tagMovable } from './check/tag-movable.ts';
import type { LintCheck } from './model.ts';

/** All checks, the ids in order. */
export const lintChecks: readonly LintCheck[] = [
  attestationUnconditional,
  exceptionLong,
  failsOpen,
  identityAnyone,
  imageDigestMissed,
  imageHostOpen,
  imagePrefixOpen,
  keyWeak,
  logIgnored,
  neverDenies,
  regexpHostDot,
  regexpUnanchored,
  skipsAll,
  sourcesContradict,
  tagMovable,
];
