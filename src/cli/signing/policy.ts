import { buildOwnAuthorities } from '../../signing/verify/check-certificate-chain.ts';
import type {
  AcceptedKey,
  CertificatePolicy,
  ClaimPolicy,
  IdentityPolicy,
  KeyPolicy,
} from '../../signing/verify/policy.ts';
import type { TextMatcher } from '../../signing/verify/text-matcher.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { readCertificates } from './read-certificates.ts';

/** The five claims of GitHub's workflows that cosign has flags for. */
const workflowClaims = [
  ['githubWorkflowTrigger', 'githubWorkflowTrigger'],
  ['githubWorkflowSha', 'githubWorkflowSha'],
  ['githubWorkflowName', 'githubWorkflowName'],
  ['githubWorkflowRepository', 'githubWorkflowRepository'],
  ['githubWorkflowRef', 'githubWorkflowRef'],
] as const satisfies readonly (readonly [keyof Settings, ClaimPolicy['claim']])[];

/**
 * Who must have signed, as the settings say: keys, or identities and who vouches for them. One without the other is refused,
 * as is both at once: what a user leaves out must not let everybody in.
 *
 * @param loadKeys reads the keys that `--key` names
 * @throws ConfigError SETTING_INVALID, SigningError
 */
export async function signerPolicyOf(
  settings: Settings,
  host: Host,
  loadKeys: (references: readonly string[]) => Promise<readonly AcceptedKey[]>,
): Promise<KeyPolicy | CertificatePolicy> {
  const subjects = [...settings.certificateIdentity, ...settings.certificateIdentityRegexp];
  const issuers = [...settings.certificateOidcIssuer, ...settings.certificateOidcIssuerRegexp];
  const claims = workflowClaims.flatMap(([setting, claim]) => {
    const value = settings[setting];
    return value === undefined ? [] : [{ claim, value }];
  });
  if (settings.key.length > 0) {
    if (subjects.length + issuers.length + claims.length > 0 || settings.caRoots !== undefined) {
      throw invalid('--key and --certificate-… ask for different signatures; give one or the other');
    }
    return { kind: 'key', keys: await loadKeys(settings.key) };
  }
  if (subjects.length === 0) {
    throw invalid(
      'Nothing says who must have signed; add --key FILE, or --certificate-identity NAME with --certificate-oidc-issuer URL',
    );
  }
  const authorities = await ownAuthorities(settings, host);
  if (issuers.length === 0 && authorities === undefined) {
    throw invalid('Nothing says who must have vouched for the signer; add --certificate-oidc-issuer URL');
  }
  return {
    kind: 'certificate',
    identities: await identitiesOf(settings),
    claims,
    // Private authorities publish to no log.
    scts: settings.insecureIgnoreSct || authorities !== undefined ? 0 : 1,
    ...(authorities === undefined ? {} : { authorities }),
  };
}

async function identitiesOf(settings: Settings): Promise<readonly IdentityPolicy[]> {
  const { exactly } = await import('../../signing/verify/text-matcher.ts');
  const patterns = settings.certificateIdentityRegexp.length + settings.certificateOidcIssuerRegexp.length > 0;
  const matching = patterns ? (await import('../../signing/verify/text-pattern.ts')).matching : undefined;
  const matchers = (texts: readonly string[], regexps: readonly string[]): TextMatcher[] => [
    ...texts.map(exactly),
    ...regexps.flatMap((pattern) => (matching === undefined ? [] : [matching(pattern)])),
  ];
  const subjects = matchers(settings.certificateIdentity, settings.certificateIdentityRegexp);
  const issuers = matchers(settings.certificateOidcIssuer, settings.certificateOidcIssuerRegexp);
  if (issuers.length === 0) return subjects.map((subject) => ({ subject }));
  return subjects.flatMap((subject) => issuers.map((issuer) => ({ subject, issuer })));
}

async function ownAuthorities(
  { caRoots, caIntermediates }: Settings,
  host: Host,
): Promise<CertificatePolicy['authorities'] | undefined> {
  if (caRoots === undefined) {
    if (caIntermediates !== undefined)
      throw invalid('--ca-intermediates needs the roots above them; add --ca-roots FILE');
    return undefined;
  }
  const roots = await readCertificates(caRoots, '--ca-roots', host);
  const intermediates =
    caIntermediates === undefined ? [] : await readCertificates(caIntermediates, '--ca-intermediates', host);
  return buildOwnAuthorities(caRoots, roots, intermediates);
}

function invalid(message: string, cause?: unknown): ConfigError {
  return new ConfigError('SETTING_INVALID', message, cause === undefined ? undefined : { cause });
}
