import { unquote } from './unquote.ts';

/** A module that went into a program. */
export interface GoModule {
  /** Import path: `golang.org/x/net`. */
  readonly path: string;
  /** With its leading `v`, or `(devel)`. */
  readonly version: string;
  /** `h1:…`, the hash that go.sum records. */
  readonly sum?: string;
}

/** The module list of a program, line by line (Go: `runtime/debug`, BuildInfo.String). */
export interface GoModuleList {
  /** Import path of the main package. */
  readonly path?: string;
  readonly main?: GoModule;
  /** What the program was linked from, replacements in place of what they replace. */
  readonly dependencies: readonly GoModule[];
  /** `-ldflags`, `GOOS`, `vcs.revision`, … */
  readonly settings: ReadonlyMap<string, string>;
  /** Lines that say nothing known. */
  readonly unknown: number;
}

/** Parses the module list. Replacements by a folder (`./x`, `../x`, `/x`) are kept: their path says so. */
export function parseModuleList(text: string): GoModuleList {
  let path: string | undefined;
  let main: GoModule | undefined;
  const dependencies: GoModule[] = [];
  const settings = new Map<string, string>();
  let replace: ((module: GoModule) => void) | undefined;
  let unknown = 0;
  for (const line of text.split('\n')) {
    const [kind, ...fields] = line.split('\t');
    if (kind === '=>' && replace !== undefined) {
      replace(toModule(fields));
      continue;
    }
    replace = undefined;
    if (kind === 'path') path = fields[0];
    else if (kind === 'mod') {
      main = toModule(fields);
      replace = (module) => (main = module);
    } else if (kind === 'dep') {
      const index = dependencies.push(toModule(fields)) - 1;
      replace = (module) => (dependencies[index] = module);
    } else if (kind === 'build') addSetting(settings, fields.join('\t'));
    else if (line !== '') unknown++;
  }
  return {
    ...(path === undefined ? {} : { path }),
    ...(main === undefined ? {} : { main }),
    dependencies,
    settings,
    unknown,
  };
}

function toModule(fields: readonly string[]): GoModule {
  const [path = '', version = '', sum = ''] = fields;
  return { path, version, ...(sum === '' ? {} : { sum }) };
}

/** Characters of a setting: twice what a command line may hold. */
const longestSetting = 262_144;

/** `key=value`, both quoted where they hold blanks, quotes or, for keys, `=`. */
function addSetting(settings: Map<string, string>, text: string): void {
  if (text.length > longestSetting) return;
  const quotedKey = /^"(?:[^"\\]|\\.)*"(?==)/.exec(text)?.[0];
  const end = quotedKey?.length ?? text.indexOf('=');
  if (end < 0) return;
  settings.set(unquote(text.slice(0, end)), unquote(text.slice(end + 1)));
}
