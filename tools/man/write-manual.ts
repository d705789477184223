import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from './pages.ts';

/** Writes all pages into a folder; gives the names of the files. */
export function writeManual(root: string, folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const pages = manualPages(root);
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
  return [...pages.keys()];
}
