import type { AddStep, DirectoryStep, EntryRules } from './model.ts';
import { invalidBuild } from './error.ts';
import { buildLimits } from './limits.ts';
import { parseTargetPath } from './target-path.ts';

/** A step, and the name of the layer that it goes into; undefined for the one without a name. */
export interface NamedStep<Step> {
  readonly step: Step;
  readonly layer: string | undefined;
}

/**
 * Reads `SRC:DEST[:KEY=VALUE,…]`: `./dist:/app`, `app-{arch}:/usr/bin/app:mode=0755,uid=65532`. The destination is what follows the
 * last `:/`, so that a source may hold colons.
 *
 * @throws BuildError BUILD_INVALID
 */
export function parseAddStep(text: string): NamedStep<AddStep> {
  const match = /^(.+):(\/.*?)(?::([a-zA-Z-]+=.*))?$/s.exec(text);
  if (match === null) {
    throw invalidBuild(`--add takes SRC:DEST with a DEST from the root on, such as ./dist:/app, not "${clip(text)}"`);
  }
  const [, source = '', target = '', rules] = match;
  parseTargetPath(target);
  const { layer, ...rest } = parseRules(rules, '--add');
  return { layer, step: { kind: 'add', source, target, ...rest } };
}

/**
 * Reads `DEST[:KEY=VALUE,…]`: `/tmp:mode=1777`.
 *
 * @throws BuildError BUILD_INVALID
 */
export function parseDirectoryStep(text: string): NamedStep<DirectoryStep> {
  const [, target = '', rules] = /^(\/.*?)(?::([a-zA-Z-]+=.*))?$/s.exec(text) ?? [];
  if (parseTargetPath(target || text) === '') {
    throw invalidBuild('--mkdir takes a folder other than the root, such as /tmp:mode=1777');
  }
  const { layer, mode, ...rest } = parseRules(rules, '--mkdir');
  if (mode === 'keep') throw invalidBuild('--mkdir has no mode to keep; write one, such as mode=1777');
  // What is made here is a folder, so the mode is that of a folder.
  const directoryMode = rest.directoryMode ?? mode;
  const rules2 = { ...rest, ...(directoryMode === undefined ? {} : { directoryMode }) };
  return { layer, step: { kind: 'directory', target, ...rules2 } };
}

function parseRules(text: string | undefined, flag: string): EntryRules & { readonly layer: string | undefined } {
  const given = new Map<string, string>();
  for (const part of text === undefined ? [] : text.split(',')) {
    const [, key = '', value = ''] = /^([a-zA-Z-]+)=(.+)$/s.exec(part) ?? [];
    if (!ruleKeys.includes(key)) {
      throw invalidBuild(`${flag} knows ${ruleKeys.join(', ')}, each with = and a value, and not "${clip(part)}"`);
    }
    if (given.has(key)) throw invalidBuild(`${flag} has ${key} twice; write it once`);
    given.set(key, value);
  }
  const layer = given.get('layer');
  if (layer !== undefined && !/^[\w.-]{1,64}$/.test(layer)) {
    throw invalidBuild(`A layer is named by up to 64 letters, digits, dots and dashes, not "${clip(layer)}"`);
  }
  const mode = given.get('mode') === 'keep' ? 'keep' : parseMode(given.get('mode'), 'mode');
  const directoryMode = parseMode(given.get('dir-mode'), 'dir-mode');
  const [uid, gid] = [parseId(given.get('uid'), 'uid'), parseId(given.get('gid'), 'gid')];
  return {
    layer,
    ...(mode === undefined ? {} : { mode }),
    ...(directoryMode === undefined ? {} : { directoryMode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

const ruleKeys: readonly string[] = ['mode', 'dir-mode', 'uid', 'gid', 'layer'];

function parseMode(text: string | undefined, key: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-7]{3,5}$/.test(text) && Number.parseInt(text, 8) <= 0o7777) return Number.parseInt(text, 8);
  throw invalidBuild(
    `${key} is written in octal, such as 0755${key === 'mode' ? ', or keep' : ''}, not "${clip(text)}"`,
  );
}

function parseId(text: string | undefined, key: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) <= buildLimits.id) return Number(text);
  throw invalidBuild(
    `${key} is a number, such as 65532, not "${clip(text)}"; names mean nothing before the image runs`,
  );
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
