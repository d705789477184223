import { join } from 'node:path';

/** The password of the key that the chain makes: the key is thrown away with everything else. */
const password = 'only-for-this-run';

/** Where programs are found, how text is shown, where temporary files go. */
const taken = /^(?:path|pathext|systemroot|comspec|tmpdir|temp|tmp|lang|lc_\w+|term|colorterm|no_color|force_color)$/i;

/** What has to be set to type the commands of the chain oneself, in this order. */
export function settingsOf(work: string): Readonly<Record<string, string>> {
  return { SEAWORTHY_CACHE_DIR: join(work, 'cache'), COSIGN_PASSWORD: password };
}

/**
 * The environment of everything that the chain starts: its own home, cache and password, and nothing by which the user's
 * settings, credentials or proxies would count or be touched.
 */
export function chainEnvironment(work: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => taken.test(name));
  const home = join(work, 'home');
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    XDG_CACHE_HOME: join(work, 'compiled'),
    ...settingsOf(work),
  };
}
