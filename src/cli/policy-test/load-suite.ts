import { yamlLimits } from '../../codec/yaml/limits.ts';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Read, readObjects, readSuite, readUser, readValues } from '../../admission/suite/document/read.ts';
import type { Suite } from '../../admission/suite/model.ts';
import type { ConfigMistake } from '../../codec/yaml/mistake.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { PolicyText, TextMistake } from '../../policy/dialects/model.ts';
import { readText } from '../policy/read-text.ts';

/** A suite with its files, or what is wrong with them. */
export type LoadedSuite =
  | { readonly suite: Suite; readonly mistakes?: undefined }
  | { readonly suite?: undefined; readonly mistakes: readonly TextMistake[] };

/** Reads a suite and the files that it names, which count from its folder. */
export async function loadSuite(file: string): Promise<LoadedSuite> {
  const mistakes: TextMistake[] = [];
  const tell = (from: string, found: readonly ConfigMistake[]): void =>
    void mistakes.push(...found.map((each) => ({ ...each, file: from })));
  const unread = (from: string, why: string): void =>
    tell(from, [{ line: 1, column: 1, path: '', sentence: `the file ${why}` }]);
  const folder = dirname(file);

  const one = async <Document>(
    path: string,
    read: (text: string) => Promise<Read<Document>>,
  ): Promise<Document | undefined> => {
    const text = await readText(path, yamlLimits.characters);
    if (typeof text !== 'string') {
      unread(path, text.why);
      return undefined;
    }
    const { document, mistakes: wrong } = await read(text);
    if (wrong !== undefined) tell(path, wrong);
    return document;
  };
  const texts = async (names: readonly string[] = []): Promise<readonly PolicyText[]> => {
    const found: PolicyText[] = [];
    for (const name of names) {
      if (/^(?:https?|git):\/\//.test(name)) unread(name, 'is elsewhere; bring it here and name its path');
      else {
        for (const path of await filesAt(resolve(folder, name))) {
          const text = await readText(path, yamlLimits.characters);
          if (typeof text === 'string') found.push({ file: path, text });
          else unread(path, text.why);
        }
      }
    }
    return found;
  };

  const document = await one(file, readSuite);
  if (document === undefined) return { mistakes };
  const [policies, exceptions, resources] = [
    await texts(document.policies),
    await texts(document.exceptions),
    await texts(document.resources),
  ];
  const objects: JsonObject[] = [];
  for (const { file: from, text } of resources) {
    const { document: found, mistakes: wrong } = await readObjects(text);
    if (wrong !== undefined) tell(from, wrong);
    for (const each of found ?? []) {
      if (each !== null && typeof each === 'object' && !Array.isArray(each)) objects.push(each as JsonObject);
      else unread(from, 'has a document that is no object of Kubernetes');
    }
  }
  const read = document.variables === undefined ? {} : await one(resolve(folder, document.variables), readValues);
  const user = document.userinfo === undefined ? undefined : await one(resolve(folder, document.userinfo), readUser);
  if (mistakes.length > 0) return { mistakes };
  const values = { ...read, ...document.values };
  return { suite: { file, document, policies, exceptions, objects, values, user } };
}

/** The file itself; of a folder, its files of YAML and JSON. What is not there is told when it is read. */
async function filesAt(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
      .map(({ name }) => join(path, name))
      .sort();
  } catch {
    return [path];
  }
}
