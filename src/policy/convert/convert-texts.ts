import { resolve } from 'node:path';
import { printable } from '../../base/printable.ts';
import { byPlace, type ConfigPath } from '../../codec/yaml/mistake.ts';
import type { PolicyText, TextMistake } from '../dialects/model.ts';
import { splitDocuments, type TextDocument } from '../dialects/split-documents.ts';
import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
import { kyvernoLimits } from '../kyverno/limits.ts';
import { policyLimits } from '../limits.ts';
import { readPolicy } from '../seaworthy/read-policy.ts';
import { keptMetadata } from './metadata.ts';
import { leadingComments } from './comments.ts';
import { type ConvertibleForm, convertibleForms } from './forms.ts';
import { convertLimits } from './limits.ts';
import type { ConvertedDocument, ConvertedTexts, ExceptionAnswers, ImagePolicyDraft, WrittenPolicy } from './model.ts';
import { UniqueNames } from '../unique-names.ts';
import { writeImagePolicy } from './write/image-policy.ts';
import { policiesAsYaml } from './write/text.ts';

/** How policies are converted. */
export interface ConversionSettings {
  /** Whether what can be said of a document is written where that is not all. */
  readonly partial: boolean;
  /** Gives the path of a file with a key, which is absolute, as it is to be written. */
  readonly fileName: (path: string) => string;
  /** Who answers for exceptions, why, and until when; what they are told of where nobody says so. */
  readonly exceptions?: ExceptionAnswers;
}

/**
 * Converts policies of other forms into documents of the form `seaworthy.dev/v1`, which judge as the others do. What a document says and
 * an `ImagePolicy` cannot is told with its place, and such a document is written in part only where that is wanted: nothing is left out
 * without being told.
 */
export async function convertTexts(
  texts: readonly PolicyText[],
  settings: ConversionSettings,
): Promise<ConvertedTexts> {
  const documents: TextDocument[] = [];
  for (const text of texts) documents.push(...(await splitDocuments(text, kyvernoLimits.yamlDepth)));
  const conversion = new Conversion(settings);
  const taken = new Set<TextDocument>();
  for (const form of convertibleForms) {
    const own = documents.filter(({ apiVersion, kind }) => form.reads(apiVersion, kind));
    if (own.length === 0) continue;
    for (const each of own) taken.add(each);
    await conversion.add(form, own);
  }
  const rest = documents.filter((each) => !taken.has(each));
  for (const each of rest) if (each.apiVersion === '' || each.kind === '') await conversion.unreadable(each);
  const others = rest.flatMap(({ file, line, apiVersion, kind }) =>
    apiVersion === '' || kind === '' ? [] : [{ file, line, what: `${kind} of ${apiVersion}` }],
  );
  return conversion.result(texts, others);
}

class Conversion {
  readonly #settings: ConversionSettings;
  readonly #names = new UniqueNames();
  readonly #policies: WrittenPolicy[] = [];
  readonly #told: Readonly<Record<'mistakes' | 'unsaid' | 'notes', TextMistake[]>> = {
    mistakes: [],
    unsaid: [],
    notes: [],
  };
  readonly #counts = { wholly: 0, partly: 0, not: 0 };

  constructor(settings: ConversionSettings) {
    this.#settings = settings;
  }

  async add(form: ConvertibleForm, documents: readonly TextDocument[]): Promise<void> {
    const { conversions, mistakes } = await form.convert(documents, this.#settings.exceptions);
    this.#told.mistakes.push(...mistakes);
    for (const { converted, at, what, mistakeAt } of conversions) {
      const tell = (list: 'unsaid' | 'notes', path: ConfigPath, sentence: string): TextMistake => {
        const told = { ...mistakeAt(path, sentence), file: at.file };
        if (this.#told[list].length < policyLimits.rules * convertLimits.told) this.#told[list].push(told);
        return told;
      };
      for (const { path, sentence } of converted.notes.slice(0, convertLimits.told)) tell('notes', path, sentence);
      const unsaid = converted.unsaid
        .slice(0, convertLimits.told)
        .map(({ path, sentence }) => tell('unsaid', path, sentence));
      await this.#write(converted, unsaid, at, what, (sentence) => void tell('unsaid', ['metadata', 'name'], sentence));
    }
  }

  async #write(
    { drafts }: ConvertedDocument,
    unsaid: readonly TextMistake[],
    at: TextDocument,
    what: string,
    tell: (sentence: string) => void,
  ): Promise<void> {
    const written: WrittenPolicy[] = [];
    let isWhole = unsaid.length === 0;
    if (drafts.length > convertLimits.drafts) {
      tell(
        `would become more than ${convertLimits.drafts} policies; write fewer rules, or fewer ways to choose objects`,
      );
      isWhole = false;
    }
    const comments = [
      ...leadingComments(at.text).slice(0, convertLimits.comments),
      `From ${what} (${at.file.split('/').at(-1) ?? ''}).`,
      ...(unsaid.length === 0 ? [] : ['NOT ALL OF IT IS SAID HERE. What is missing:']),
      ...unsaid.map(({ line, path, sentence }) => `- line ${line}: ${path}: ${sentence}`),
    ].map((line) => printable(line, policyLimits.text));
    const metadata = keptMetadata((await parseYamlDocuments(at, kyvernoLimits.yamlDepth)).documents[0]);
    const all = drafts.slice(0, convertLimits.drafts).map((draft) => {
      const named = { ...draft, ...metadata, name: this.#names.take(draft.name) };
      return this.#policyOf(named, comments, at.file);
    });
    const whyNotAll = await whyNot(all);
    if (whyNotAll === undefined) written.push(...all);
    else {
      isWhole = false;
      tell(`cannot be written: ${whyNotAll}`);
      // Documents that need one another are written together or not at all.
      for (const policy of all) if ((await whyNot([policy])) === undefined) written.push(policy);
    }
    this.#counts[isWhole ? 'wholly' : written.length > 0 ? 'partly' : 'not'] += 1;
    if (isWhole || this.#settings.partial) this.#policies.push(...written);
  }

  #policyOf(draft: ImagePolicyDraft, comments: readonly string[], file: string): WrittenPolicy {
    const document = writeImagePolicy(draft, this.#settings.fileName);
    return { name: draft.name, document, comments, file };
  }

  async unreadable(document: TextDocument): Promise<void> {
    const { file, line } = document;
    const [broken] = (await parseYamlDocuments(document, kyvernoLimits.yamlDepth)).mistakes;
    const sentence = 'has no apiVersion and kind, which say what it is; add them';
    this.#told.mistakes.push(
      broken === undefined ? { file, line, column: 1, path: '', sentence } : { ...broken, path: '', file },
    );
  }

  result(texts: readonly PolicyText[], others: ConvertedTexts['others']): ConvertedTexts {
    const order = new Map(texts.map(({ file }, index) => [file, index]));
    const place = (file: string): number => order.get(file) ?? 0;
    const sorted = (list: readonly TextMistake[]): readonly TextMistake[] =>
      list.toSorted((a, b) => place(a.file) - place(b.file) || byPlace(a, b));
    return {
      policies: this.#policies.toSorted((a, b) => place(a.file) - place(b.file)),
      mistakes: sorted(this.#told.mistakes),
      unsaid: sorted(this.#told.unsaid),
      notes: sorted(this.#told.notes),
      others,
      counts: this.#counts,
    };
  }
}

/** What is written is read as any policy is, so that nobody finds out later that it cannot be. */
async function whyNot(policies: readonly WrittenPolicy[]): Promise<string | undefined> {
  if (policies.length === 0) return undefined;
  const text = await policiesAsYaml(policies);
  const { mistakes = [] } = await readPolicy([{ file: resolve('/', policies[0]?.file ?? ''), text }]);
  const [first] = mistakes;
  return first === undefined ? undefined : `${first.path} ${first.sentence}`;
}
