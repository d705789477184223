import { isIP } from 'node:net';

/** Second-level words under country codes, below which names are registered: `co.uk`, `com.au`, `ac.jp`. */
const secondLevels: ReadonlySet<string> = new Set(['info', 'nhs', 'name', 'gouv', 'asso', 'gob', 'govt', 'school']);

/**
 * Suffixes below which a provider gives names to strangers, so that two names under one have nothing to do with each other. They are
 * private suffixes of the Public Suffix List that registries, their token services and their storage are found under.
 */
const shared: readonly string[] = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'aliyuncs.com',
  'appspot.com',
  'azurecr.cn',
  'azurecr.io',
  'azurecr.us',
  'azureedge.net',
  'azurewebsites.net',
  'cloudfront.net',
  'cloudsmith.io',
  'fly.dev',
  'github.io',
  'githubusercontent.com',
  'gitlab.io',
  'googleapis.com',
  'googleusercontent.com',
  'herokuapp.com',
  'jfrog.io',
  'netlify.app',
  'ngrok.io',
  'on.aws',
  'onrender.com',
  'pages.dev',
  'pkg.dev',
  'r2.dev',
  'run.app',
  'vercel.app',
  'windows.net',
  'workers.dev',
];

/**
 * The part of a host name that somebody registered: `docker.io` of `auth.docker.io`, `example.co.uk` of `r.example.co.uk`. It is told
 * without the Public Suffix List, in doubt as the longer name, so that two names are rather taken for strangers than for one owner's.
 *
 * @returns undefined for addresses, names of one part, and names that are themselves shared by strangers
 */
export function registrableDomain(hostname: string): string | undefined {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (isIP(name) !== 0 || name.includes(':')) return undefined;
  const labels = name.split('.');
  const suffix = shared.find((one) => name === one || name.endsWith(`.${one}`));
  const [second = '', top = ''] = labels.slice(-2);
  const underCountry = top.length === 2 && labels.length > 2 && (second.length <= 3 || secondLevels.has(second));
  const length = suffix === undefined ? (underCountry ? 3 : 2) : suffix.split('.').length + 1;
  return labels.length < length || labels.length < 2 ? undefined : labels.slice(-length).join('.');
}
