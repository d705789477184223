import { isLoopback } from '../../../net/host.ts';
import type { ConfigCheck } from '../config-check.ts';
import { isRegistryAuthError } from '../../auth/error.ts';
import { checkLdapSettings } from '../../auth/ldap/settings.ts';
import { compileOidcRule } from '../../auth/oidc/rule.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { findMissingSecrets, findUnreadable } from '../value/named-files.ts';
import { ldapEntries, ldapPlace } from './ldap-settings.ts';
import { type AuthConfig, hasLogins } from './model.ts';
import { oidcIssuer } from './oidc-issuer.ts';
import { splitSubject, templateMayGive } from './subject.ts';

const top = ['registry', 'auth'];

const anonymousPush: ConfigCheck = {
  needs: ['auth', 'accept'],
  find({ auth, accept }) {
    if (accept.includes('anonymous-push')) return [];
    return auth.anonymous.flatMap(({ actions }, index): Finding[] => {
      const risky = actions.find((action) => action === 'push' || action === 'delete' || action === '*');
      if (risky === undefined) return [];
      const what = risky === '*' ? 'do everything' : risky;
      const sentence = `lets everybody ${what}; remove that, or write accept: [anonymous-push] under registry where it is meant`;
      return [{ path: [...top, 'anonymous', index, 'actions'], sentence }];
    });
  },
};

const nothingGranted: ConfigCheck = {
  needs: ['auth', 'permissions'],
  find({ auth, permissions }) {
    // Robots bring grants of their own, and so do tokens of a service elsewhere.
    const others = auth.robots || auth.external.length > 0;
    if (!hasLogins(auth) || others || permissions.length > 0 || auth.anonymous.length > 0) return [];
    return [{ path: top, sentence: 'lets people log in, but nobody may do anything then; add permissions' }];
  },
};

const subjects: ConfigCheck = {
  needs: ['auth', 'permissions'],
  find: ({ auth, permissions }) =>
    permissions.flatMap(({ to }, index) =>
      to.flatMap((subject, at): Finding[] => {
        const why = whyNobody(subject, auth);
        return why === undefined ? [] : [{ path: ['registry', 'permissions', index, 'to', at], sentence: why }];
      }),
    ),
};

/** Why a subject stands for nobody who could come; undefined when it does for somebody. */
export function whyNobody(subject: string, auth: AuthConfig): string | undefined {
  const { kind, name } = splitSubject(subject);
  const { htpasswdFile, ldap, external, oidc, certificates, robots } = auth;
  if (!hasLogins(auth)) return 'names somebody, but nobody can log in; add a way to auth';
  if (kind === 'user' && htpasswdFile === undefined && ldap === undefined && external.length === 0) {
    return 'names a user, but auth has none of htpasswd, ldap and external';
  }
  if (kind === 'robot' && !robots) return 'names a robot account, but auth has not robots: true';
  if (kind === 'certificate' && certificates === undefined) return 'names a certificate, but auth has no certificates';
  if (kind === 'workload' && !oidc.some((issuer) => templateMayGive(issuer.name, name))) {
    return 'names a workload that no name of auth.oidc can give';
  }
  return undefined;
}

const clientCertificates: ConfigCheck = {
  needs: ['auth', 'tls'],
  find({ auth, tls }) {
    if (auth.certificates === undefined || tls?.clientCaFile !== undefined) return [];
    return [{ path: [...top, 'certificates'], sentence: 'needs authorities that it may trust; add tls.clientCa' }];
  },
};

const issuers: ConfigCheck = {
  needs: ['auth'],
  find: ({ auth }) =>
    [
      ...auth.oidc.map(({ issuer }, index) => ({ url: issuer, path: [...top, 'oidc', index, 'issuer'] })),
      ...auth.external.map(({ realm }, index) => ({ url: realm, path: [...top, 'external', index, 'realm'] })),
    ].flatMap(({ url, path }): Finding[] => {
      const { protocol, hostname } = new URL(url);
      if (protocol === 'https:' || isLoopback(hostname)) return [];
      return [{ path, sentence: 'would be asked in the clear, and anybody on the way could answer; write https://' }];
    }),
};

/** What the parts that log in say of their settings, before the registry starts with them. */
const usable: ConfigCheck = {
  needs: ['auth'],
  find({ auth: { oidc, ldap } }) {
    const issuing = oidc.flatMap((issuer, index): Finding[] =>
      oidcIssuer(issuer).rules.flatMap((rule) =>
        refusal([...top, 'oidc', index], () => compileOidcRule(rule, issuer.issuer)),
      ),
    );
    if (ldap === undefined) return issuing;
    return [
      ...issuing,
      ...refusal([...top, 'ldap'], () => checkLdapSettings({ ...ldapPlace(ldap), ...ldapEntries(ldap) })),
    ];
  },
};

function refusal(path: ConfigPath, check: () => unknown): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isRegistryAuthError(error, 'AUTH_SETTING_INVALID')) throw error;
    return [{ path, sentence: `is wrong: ${error.message}` }];
  }
}

const files: ConfigCheck = {
  needs: ['auth'],
  servingOnly: true,
  async find({ auth }, context) {
    const { htpasswdFile, token, external, oidc, ldap } = auth;
    const named = [
      { path: [...top, 'htpasswd'], file: htpasswdFile },
      { path: [...top, 'token', 'key'], file: token?.keyFile },
      ...external.map(({ keysFile }, index) => ({ path: [...top, 'external', index, 'keys'], file: keysFile })),
      ...oidc.flatMap(({ caFile, keysFile }, index) => [
        { path: [...top, 'oidc', index, 'ca'], file: caFile },
        { path: [...top, 'oidc', index, 'keys'], file: keysFile },
      ]),
      { path: [...top, 'ldap', 'ca'], file: ldap?.caFile },
    ];
    const secret = { path: [...top, 'ldap', 'bindPassword'], secret: ldap?.bindPassword };
    return [...(await findUnreadable(named)), ...(await findMissingSecrets([secret], context))];
  },
};

/** Checks of who may do what. */
export const authChecks: readonly ConfigCheck[] = [
  anonymousPush,
  nothingGranted,
  subjects,
  clientCertificates,
  issuers,
  usable,
  files,
];
