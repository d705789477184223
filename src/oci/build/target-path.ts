import { invalidBuild } from './error.ts';
import { buildLimits } from './limits.ts';

/**
 * A place in the image as a tar names it: `/usr//bin/./app` is `usr/bin/app`, and `/` is empty.
 *
 * @throws BuildError BUILD_INVALID for what is not absolute or goes up, and for names that no layer can hold
 */
export function parseTargetPath(text: string): string {
  if (!text.startsWith('/')) {
    throw invalidBuild(`"${clip(text)}" is no place in an image; write it from the root on, such as /usr/bin/app`);
  }
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw invalidBuild(`"${clip(text)}" goes up with ".."; write the place without that`);
  for (const name of names) checkName(name);
  const path = names.join('/');
  checkPath(path);
  return path;
}

/**
 * Checks one name of a file.
 *
 * @throws BuildError BUILD_INVALID. A name that begins with `.wh.` would delete a file of a layer below (OCI image-spec, layer.md,
 * "Whiteouts"), and one that is not UTF-8 would be another name to each reader.
 */
export function checkName(name: string): void {
  if (name.startsWith('.wh.')) {
    throw invalidBuild(`"${clip(name)}" would take away a file of the layers below; rename it, or leave it out`);
  }
  if (name.includes('\uFFFD')) throw invalidBuild(`"${clip(name)}" is not UTF-8; rename it, or leave it out`);
  if (name.includes('\0')) throw invalidBuild('A name cannot hold a NUL; rename it');
  if (Buffer.byteLength(name) > buildLimits.nameBytes) {
    throw invalidBuild(`"${clip(name)}" is longer than the ${buildLimits.nameBytes} bytes that a name may have`);
  }
}

/** Checks the length of a path, or of what a link leads to. @throws BuildError BUILD_INVALID */
export function checkPath(path: string): void {
  if (Buffer.byteLength(path) <= buildLimits.pathBytes) return;
  throw invalidBuild(`"${clip(path)}" is longer than the ${buildLimits.pathBytes} bytes that a path may have`);
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
