import { invalidBuild } from '../../oci/build/error.ts';
import type { ConfigChanges } from '../../oci/build/model.ts';
import { parseTargetPath } from '../../oci/build/target-path.ts';
import type { BuildFlags } from './flags.ts';

/** What an image is to say of itself, of the flags. @throws BuildError BUILD_INVALID */
export function readChanges(flags: BuildFlags): ConfigChanges {
  const { entrypoint, cmd, user, workdir, stopSignal } = flags;
  return {
    ...(entrypoint === undefined ? {} : { entrypoint: parseWords(entrypoint, '--entrypoint') }),
    ...(cmd === undefined ? {} : { cmd: parseWords(cmd, '--cmd') }),
    env: flags.env.map((text) => parsePair(text, '--env').join('=')),
    ...(user === undefined ? {} : { user: parseUser(user) }),
    ...(workdir === undefined ? {} : { workingDir: `/${parseTargetPath(workdir)}` }),
    labels: parsePairs(flags.label, '--label'),
    exposedPorts: flags.expose.map(parsePort),
    volumes: flags.volume.map((text) => `/${parseTargetPath(text)}`),
    ...(stopSignal === undefined ? {} : { stopSignal: parseSignal(stopSignal) }),
  };
}

/** `KEY=VALUE` texts as a map; the last of one key counts. @throws BuildError BUILD_INVALID */
export function parsePairs(texts: readonly string[], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => parsePair(text, flag)));
}

function parsePair(text: string, flag: string): readonly [key: string, value: string] {
  const equals = text.indexOf('=');
  if (equals > 0 && !text.includes('\0')) return [text.slice(0, equals), text.slice(equals + 1)];
  // What stands there may be a secret that was meant to come from elsewhere.
  throw invalidBuild(`${flag} takes KEY=VALUE; write a key, = and a value`);
}

/** A JSON list, or words between blanks. No shell looks at either. */
function parseWords(text: string, flag: string): readonly string[] {
  if (!text.trimStart().startsWith('[')) return text.split(/\s+/).filter((word) => word !== '');
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((word) => typeof word === 'string' && !word.includes('\0'))) {
      return list as readonly string[];
    }
  } catch {
    // Told below, as a list of other things is.
  }
  throw invalidBuild(
    `${flag} takes words, or a JSON list of texts such as ["/app","--port","80"], not "${clip(text)}"`,
  );
}

function parseUser(text: string): string {
  if (/^[\w.-]+(?::[\w.-]+)?$/.test(text)) return text;
  throw invalidBuild(`--user takes USER or USER:GROUP, such as 65532:65532, not "${clip(text)}"`);
}

function parsePort(text: string): string {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text);
  const [, first = '', last = first, protocol = 'tcp'] = match ?? [];
  if (match !== null && Number(first) <= Number(last) && Number(last) <= 65_535) {
    return `${first === last ? first : `${first}-${last}`}/${protocol}`;
  }
  throw invalidBuild(`--expose takes a port such as 8080 or 53/udp, not "${clip(text)}"`);
}

function parseSignal(text: string): string {
  if (/^(?:SIG[A-Z][A-Z0-9+-]{1,15}|[1-9]\d?)$/.test(text)) return text;
  throw invalidBuild(`--stop-signal takes a signal such as SIGTERM, not "${clip(text)}"`);
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
