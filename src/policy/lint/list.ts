import { attestationUnconditional } from './check/attestation-unconditional.ts';
import { backgroundUser } from './check/background-user.ts';
import { exceptionLong } from './check/exception-long.ts';
import { exemptByLabels } from './check/exempt-by-labels.ts';
import { failsOpen } from './check/fails-open.ts';
import { identityAnyone } from './check/identity-anyone.ts';
import { imageDigestMissed } from './check/image-digest-missed.ts';
import { imageHostOpen } from './check/image-host-open.ts';
import { imageNever } from './check/image-never.ts';
import { imagePrefixOpen } from './check/image-prefix-open.ts';
import { keyWeak } from './check/key-weak.ts';
import { logIgnored } from './check/log-ignored.ts';
import { neverAbout } from './check/never-about.ts';
import { neverDenies } from './check/never-denies.ts';
import { notRequired } from './check/not-required.ts';
import { regexpHostDot } from './check/regexp-host-dot.ts';
import { regexpUnanchored } from './check/regexp-unanchored.ts';
import { ruleShadowed } from './check/rule-shadowed.ts';
import { skipsAll } from './check/skips-all.ts';
import { skipsEnforced } from './check/skips-enforced.ts';
import { sourcesContradict } from './check/sources-contradict.ts';
import { tagMovable } from './check/tag-movable.ts';
import type { LintCheck } from './model.ts';

/** All checks, the ids in order. */
export const lintChecks: readonly LintCheck[] = [
  attestationUnconditional,
  backgroundUser,
  exceptionLong,
  exemptByLabels,
  failsOpen,
  identityAnyone,
  imageDigestMissed,
  imageHostOpen,
  imageNever,
  imagePrefixOpen,
  keyWeak,
  logIgnored,
  neverAbout,
  neverDenies,
  notRequired,
  regexpHostDot,
  regexpUnanchored,
  ruleShadowed,
  skipsAll,
  skipsEnforced,
  sourcesContradict,
  tagMovable,
];
